#include "parquet_type.h"

/* Numbers of parquet.thrift: logical types are ids of a union, converted types their forerunners,
 * which older readers look at. */
enum logical {
    LOGICAL_NONE = 0,
    LOGICAL_STRING = 1,
    LOGICAL_DECIMAL = 5,
    LOGICAL_DATE = 6,
    LOGICAL_TIME = 7,
    LOGICAL_TIMESTAMP = 8,
    LOGICAL_JSON = 12,
    LOGICAL_UUID = 14
};
enum converted {
    CONVERTED_NONE = -1,
    CONVERTED_UTF8 = 0,
    CONVERTED_DECIMAL = 5,
    CONVERTED_DATE = 6,
    CONVERTED_TIMESTAMP_MICROS = 10,
    CONVERTED_JSON = 19
};
enum { UNIT_MICROS = 2 };
enum { REQUIRED = 0, OPTIONAL = 1 };

static enum parquet_physical physical_of(const struct native *native)
{
    switch (native->type) {
    case COLUMN_BOOL:
        return PARQUET_BOOLEAN;
    case COLUMN_DOUBLE:
        return PARQUET_DOUBLE;
    case COLUMN_UUID:
        return PARQUET_FIXED;
    case COLUMN_NO_TYPE:
    case COLUMN_INT32:
    case COLUMN_INT64:
    case COLUMN_DECIMAL:
    case COLUMN_TEXT:
    case COLUMN_DATE:
    case COLUMN_TIME:
    case COLUMN_TIMESTAMP:
    case COLUMN_BYTES:
    case COLUMN_JSON:
        break;
    }
    return native->width == 4   ? PARQUET_INT32
           : native->width == 8 ? PARQUET_INT64
           : native->width      ? PARQUET_FIXED
                                : PARQUET_BYTES;
}

struct parquet_type parquet_type_of(const struct column *column)
{
    struct parquet_type type = { .native = native_of(column, true, PARQUET_DIGITS) };
    type.physical = physical_of(&type.native);
    return type;
}

static enum logical logical_of(const struct native *native)
{
    switch (native->type) {
    case COLUMN_TEXT:
        return LOGICAL_STRING;
    case COLUMN_DECIMAL:
        return native->precision ? LOGICAL_DECIMAL : LOGICAL_STRING;
    case COLUMN_DATE:
        return LOGICAL_DATE;
    case COLUMN_TIME:
        return LOGICAL_TIME;
    case COLUMN_TIMESTAMP:
        return LOGICAL_TIMESTAMP;
    case COLUMN_UUID:
        return LOGICAL_UUID;
    case COLUMN_JSON:
        return LOGICAL_JSON;
    case COLUMN_NO_TYPE:
    case COLUMN_BOOL:
    case COLUMN_INT32:
    case COLUMN_INT64:
    case COLUMN_DOUBLE:
    case COLUMN_BYTES:
        break;
    }
    return LOGICAL_NONE;
}

static enum converted converted_of(enum logical logical)
{
    switch (logical) {
    case LOGICAL_STRING:
        return CONVERTED_UTF8;
    case LOGICAL_DECIMAL:
        return CONVERTED_DECIMAL;
    case LOGICAL_DATE:
        return CONVERTED_DATE;
    case LOGICAL_TIMESTAMP:
        return CONVERTED_TIMESTAMP_MICROS;
    case LOGICAL_JSON:
        return CONVERTED_JSON;
    case LOGICAL_NONE:
    case LOGICAL_TIME: /* the old type is of a time in UTC, which ours is not */
    case LOGICAL_UUID:
        break;
    }
    return CONVERTED_NONE;
}

static void write_logical(struct thrift *thrift, int id, const struct native *native,
                          enum logical logical)
{
    thrift_struct(thrift, id);
    thrift_struct(thrift, (int)logical);
    if (logical == LOGICAL_DECIMAL) {
        thrift_int32(thrift, 1, native->scale);
        thrift_int32(thrift, 2, native->precision);
    }
    if (logical == LOGICAL_TIME || logical == LOGICAL_TIMESTAMP) {
        thrift_bool(thrift, 1, logical == LOGICAL_TIMESTAMP); /* is it in UTC? */
        thrift_struct(thrift, 2);
        thrift_empty(thrift, UNIT_MICROS);
        thrift_end(thrift);
    }
    thrift_end(thrift);
    thrift_end(thrift);
}

void parquet_type_write(struct thrift *thrift, const struct column *column,
                        const struct parquet_type *type)
{
    const struct native *native = &type->native;
    enum logical logical = logical_of(native);
    enum converted converted = converted_of(logical);
    thrift_item_struct(thrift);
    thrift_int32(thrift, 1, (int32_t)type->physical);
    if (type->physical == PARQUET_FIXED)
        thrift_int32(thrift, 2, native->width);
    thrift_int32(thrift, 3, column->required ? REQUIRED : OPTIONAL);
    thrift_text(thrift, 4, column->name);
    if (converted != CONVERTED_NONE)
        thrift_int32(thrift, 6, (int32_t)converted);
    if (logical == LOGICAL_DECIMAL) {
        thrift_int32(thrift, 7, native->scale);
        thrift_int32(thrift, 8, native->precision);
    }
    if (logical != LOGICAL_NONE)
        write_logical(thrift, 10, native, logical);
    thrift_end(thrift);
}

enum native_fault parquet_take(const struct parquet_type *type, struct row_value value,
                               struct buffer *scratch, struct native_value *out)
{
    enum native_fault fault = native_take(&type->native, value, scratch, out);
    if (fault || type->native.type != COLUMN_DECIMAL || type->physical != PARQUET_FIXED)
        return fault;
    for (size_t i = 0, k = out->size - 1; i < k; i++, k--) {
        char byte = scratch->data[i];
        scratch->data[i] = scratch->data[k];
        scratch->data[k] = byte;
    }
    return fault;
}

#define ORDER(left, right) (((left) > (right)) - ((left) < (right)))

static int compare_bytes(struct native_value left, struct native_value right)
{
    size_t size = left.size < right.size ? left.size : right.size;
    int order = size ? memcmp(left.data, right.data, size) : 0;
    return order ? order : ORDER(left.size, right.size);
}

int parquet_compare(const struct parquet_type *type, struct native_value left,
                    struct native_value right)
{
    switch (type->physical) {
    case PARQUET_BOOLEAN:
        return ORDER(*left.data, *right.data);
    case PARQUET_INT32:
        return ORDER(native_int32(left.data), native_int32(right.data));
    case PARQUET_INT64:
        return ORDER(native_int64(left.data), native_int64(right.data));
    case PARQUET_DOUBLE:
        return ORDER(native_double(left.data), native_double(right.data));
    case PARQUET_FIXED:
        if (type->native.type == COLUMN_DECIMAL && *left.data != *right.data)
            return ORDER((signed char)*left.data, (signed char)*right.data); /* it has the sign */
        break;
    case PARQUET_BYTES:
        break;
    }
    return compare_bytes(left, right);
}
