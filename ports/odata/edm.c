#include "edm.h"

const char *edm_type(const struct column *column, bool is_4_01)
{
    switch (column->type) {
    case COLUMN_BOOL:
        return "Boolean";
    case COLUMN_INT32:
        return "Int32";
    case COLUMN_INT64:
        return "Int64";
    case COLUMN_DECIMAL:
        return "Decimal";
    case COLUMN_DOUBLE:
        return "Double";
    case COLUMN_DATE:
        return "Date";
    case COLUMN_TIME:
        return "TimeOfDay";
    case COLUMN_TIMESTAMP:
        return "DateTimeOffset";
    case COLUMN_UUID:
        return "Guid";
    case COLUMN_BYTES:
        return "Binary";
    case COLUMN_JSON:
        return is_4_01 ? "Untyped" : "String";
    case COLUMN_TEXT:
    case COLUMN_NO_TYPE:
        break;
    }
    return "String";
}

bool edm_is_hidden(const struct column *column)
{
    switch (column->type) {
    case COLUMN_BOOL:
    case COLUMN_DOUBLE:
    case COLUMN_TEXT:
    case COLUMN_JSON:
    case COLUMN_NO_TYPE:
        return false;
    default:
        return true;
    }
}
