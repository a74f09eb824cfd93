#include "native.h"

#include "decimal.h"
#include "octets.h"
#include "wire.h"

/* Between 1970 and Postgres's own first moment. */
#define EPOCH_US (WIRE_EPOCH_DAYS * WIRE_DAY_US)

static int decimal_width(int precision, bool narrow)
{
    if (narrow && precision <= 18)
        return precision <= 9 ? 4 : 8;
    return precision <= 38 ? 16 : 32;
}

struct native native_of(const struct column *column, bool narrow, int digits)
{
    struct native native = { .type = column->type };
    switch (column->type) {
    case COLUMN_BOOL:
        native.width = 1;
        break;
    case COLUMN_INT32:
    case COLUMN_DATE:
        native.width = 4;
        break;
    case COLUMN_INT64:
    case COLUMN_DOUBLE:
    case COLUMN_TIME:
    case COLUMN_TIMESTAMP:
        native.width = 8;
        break;
    case COLUMN_UUID:
        native.width = OCTETS_UUID;
        break;
    case COLUMN_DECIMAL:
        if (column->precision <= 0 || column->precision > digits || column->scale < 0
            || column->scale > column->precision)
            break;
        native.precision = column->precision;
        native.scale = column->scale;
        native.width = decimal_width(column->precision, narrow);
        break;
    case COLUMN_NO_TYPE:
    case COLUMN_TEXT:
    case COLUMN_BYTES:
    case COLUMN_JSON:
        break;
    }
    return native;
}

static void put32(struct buffer *out, uint32_t number)
{
    number = htole32(number);
    memcpy(out->data, &number, sizeof number);
}

static void put64(struct buffer *out, uint64_t number)
{
    number = htole64(number);
    memcpy(out->data, &number, sizeof number);
}

static enum native_fault take_date(struct row_value value, struct buffer *scratch)
{
    int32_t days = (int32_t)wire_get32(value.data);
    if (days == INT32_MIN)
        days = -INT32_MAX;
    else if (days != INT32_MAX && __builtin_add_overflow(days, WIRE_EPOCH_DAYS, &days))
        return NATIVE_FOREIGN; /* no date of Postgres is that late */
    put32(scratch, (uint32_t)days);
    return NATIVE_SOUND;
}

static enum native_fault take_timestamp(struct row_value value, struct buffer *scratch)
{
    int64_t at = (int64_t)wire_get64(value.data);
    if (at == INT64_MIN)
        at = -INT64_MAX;
    else if (at != INT64_MAX && __builtin_add_overflow(at, EPOCH_US, &at))
        return NATIVE_BEYOND; /* the year 294247 and later */
    put64(scratch, (uint64_t)at);
    return NATIVE_SOUND;
}

static enum native_fault take_decimal(const struct native *native, struct row_value value,
                                      struct buffer *scratch)
{
    uint64_t words[NATIVE_MOST / 8];
    int count = native->width < 8 ? 1 : native->width / 8;
    enum decimal_fault fault = decimal_scaled(value.data, (size_t)value.size, native->precision,
                                              native->scale, words, count);
    if (fault != DECIMAL_SOUND)
        return fault == DECIMAL_BEYOND ? NATIVE_BEYOND : NATIVE_FOREIGN;
    for (int i = 0; i < count; i++)
        words[i] = htole64(words[i]);
    memcpy(scratch->data, words, (size_t)native->width); /* the lowest bytes come first */
    return NATIVE_SOUND;
}

/* A value of a fixed width, put into scratch. */
static enum native_fault take_fixed(const struct native *native, struct row_value value,
                                    struct buffer *scratch)
{
    if (native->type == COLUMN_DECIMAL)
        return take_decimal(native, value, scratch);
    if (value.size != native->width)
        return NATIVE_FOREIGN;
    switch (native->type) {
    case COLUMN_BOOL:
        scratch->data[0] = *value.data != 0;
        return NATIVE_SOUND;
    case COLUMN_INT32:
        put32(scratch, wire_get32(value.data));
        return NATIVE_SOUND;
    case COLUMN_DATE:
        return take_date(value, scratch);
    case COLUMN_TIMESTAMP:
        return take_timestamp(value, scratch);
    case COLUMN_INT64:
    case COLUMN_DOUBLE:
    case COLUMN_TIME:
        put64(scratch, wire_get64(value.data));
        return NATIVE_SOUND;
    case COLUMN_UUID:
        memcpy(scratch->data, value.data, OCTETS_UUID);
        return NATIVE_SOUND;
    case COLUMN_NO_TYPE:
    case COLUMN_DECIMAL:
    case COLUMN_TEXT:
    case COLUMN_BYTES:
    case COLUMN_JSON:
        break;
    }
    return NATIVE_FOREIGN;
}

enum native_fault native_take(const struct native *native, struct row_value value,
                              struct buffer *scratch, struct native_value *out)
{
    buffer_reset(scratch);
    if (native->width) {
        (void)buffer_room(scratch, NATIVE_MOST);
        *out = (struct native_value){ scratch->data, (size_t)native->width };
        return take_fixed(native, value, scratch);
    }
    if (native->type == COLUMN_DECIMAL) {
        if (!decimal_write(scratch, value.data, (size_t)value.size))
            return NATIVE_FOREIGN;
        *out = (struct native_value){ scratch->data, scratch->size };
        return NATIVE_SOUND;
    }
    size_t skip = native->type == COLUMN_JSON; /* the version of jsonb's binary format */
    if (skip && (value.size < 2 || value.data[0] != 1))
        return NATIVE_FOREIGN;
    *out = (struct native_value){ value.data + skip, (size_t)value.size - skip };
    return NATIVE_SOUND;
}

struct problem *native_problem(struct arena *arena, const struct column *column,
                               enum native_fault fault)
{
    if (fault == NATIVE_BEYOND)
        return problem_new(arena, &PROBLEM_NOT_ACCEPTABLE,
                           column->type == COLUMN_DECIMAL
                               ? "column %s has a value that a decimal of this format cannot hold "
                                 "(NaN, or more digits than its type has); ask for json or csv"
                               : "column %s has a value that this format cannot hold (a year after "
                                 "294246); ask for json or csv",
                           column->name);
    return problem_because(
        arena, problem_new(arena, &PROBLEM_INTERNAL, "the rows could not be written"),
        "a value of column %s is no %s", column->name, column_type_name(column->type));
}

struct problem *native_null_problem(struct arena *arena, const struct column *column)
{
    return problem_because(arena,
                           problem_new(arena, &PROBLEM_INTERNAL, "the rows could not be written"),
                           "column %s is required but has a NULL", column->name);
}
