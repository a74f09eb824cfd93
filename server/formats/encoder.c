#include "encoder.h"

#include "arrow.h"
#include "decimal.h"
#include "escape.h"
#include "moment.h"
#include "native.h"
#include "number.h"
#include "octets.h"
#include "parquet.h"
#include "server/base/text.h"
#include "wire.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define FIXED_TEXT 64 /* bytes of the longest value whose length has a bound */
#define LEAD_NEAR 32  /* bytes of a lead that is copied in one go */

/* What stands before a value of a column, made once: `{"id":` or `,"name":`; in CSV a comma. */
struct slot {
    enum column_type type;
    const char *lead;
    size_t lead_size;
    char near[LEAD_NEAR];         /* the lead again, when it fits */
    struct moment_date last_date; /* of this column */
};

struct encoder {
    struct arena *arena;
    enum format format;
    const struct columns *columns;
    struct slot *slots;
    struct encoder_style style;
    bool any;                /* a row was written */
    struct parquet *parquet; /* those that write by columns; NULL: another format */
    struct arrow *arrow;
};

static void set_lead(struct slot *slot, const char *lead, size_t size)
{
    slot->lead = lead;
    slot->lead_size = size;
    if (size <= sizeof slot->near)
        memcpy(slot->near, lead, size);
}

static void add_lead(const struct slot *slot, struct buffer *out)
{
    if (slot->lead_size > sizeof slot->near) {
        buffer_add(out, slot->lead, slot->lead_size);
        return;
    }
    /* all of it: a size known here needs no call; what is not wanted is written over */
    memcpy(buffer_room(out, sizeof slot->near), slot->near, sizeof slot->near);
    out->size += slot->lead_size;
}

/* What stands before each value, in one piece of memory. */
static void add_slots(struct encoder *encoder)
{
    CLEANUP(buffer_clear) struct buffer leads = { 0 };
    const struct columns *columns = encoder->columns;
    encoder->slots = arena_array_of(encoder->arena, struct slot, columns->count);
    for (size_t i = 0; i < columns->count; i++) {
        struct slot *slot = &encoder->slots[i];
        size_t before = leads.size;
        slot->type = columns->list[i].type;
        if (encoder->format == FORMAT_CSV) {
            buffer_add(&leads, ",", i > 0);
        } else {
            buffer_add_char(&leads, i ? ',' : '{');
            escape_json(&leads, columns->list[i].name, strlen(columns->list[i].name));
            buffer_add_char(&leads, ':');
        }
        slot->lead_size = leads.size - before;
    }
    const char *lead = arena_copy(encoder->arena, leads.data, leads.size);
    for (size_t i = 0; i < columns->count; lead += encoder->slots[i++].lead_size)
        set_lead(&encoder->slots[i], lead, encoder->slots[i].lead_size);
}

struct encoder *encoder_new(struct arena *arena, enum format format, const struct columns *columns)
{
    struct encoder *encoder = arena_new_of(arena, struct encoder);
    encoder->arena = arena;
    encoder->format = format;
    encoder->columns = columns;
    switch (format) {
    case FORMAT_PARQUET:
        encoder->parquet = parquet_new(arena, PARQUET_ZSTD, columns);
        return encoder;
    case FORMAT_PARQUET_UNCOMPRESSED:
        encoder->parquet = parquet_new(arena, PARQUET_UNCOMPRESSED, columns);
        return encoder;
    case FORMAT_ARROW:
        encoder->arrow = arrow_new(arena, columns);
        return encoder;
    case FORMAT_JSON:
    case FORMAT_NDJSON:
    case FORMAT_CSV:
        add_slots(encoder);
        return encoder;
    case FORMAT_NONE:
    case FORMAT_COUNT:
        break;
    }
    abort(); /* a format is chosen before rows are written */
}

void encoder_set_style(struct encoder *encoder, const struct encoder_style *style)
{
    encoder->style = *style;
    for (size_t i = 0; style->leads && i < encoder->columns->count; i++)
        set_lead(&encoder->slots[i], style->leads[i], strlen(style->leads[i]));
}

void encoder_free(struct encoder *encoder)
{
    if (!encoder)
        return;
    parquet_free(encoder->parquet);
    arrow_free(encoder->arrow);
}

static void write_csv_header(const struct columns *columns, struct buffer *out)
{
    for (size_t i = 0; i < columns->count; i++) {
        const char *name = columns->list[i].name;
        buffer_add(out, ",", i > 0);
        escape_csv(out, name, strlen(name));
    }
    buffer_add(out, "\r\n", 2);
}

void encoder_begin(struct encoder *encoder, struct buffer *out)
{
    if (encoder->parquet)
        parquet_begin(encoder->parquet, out);
    else if (encoder->arrow)
        arrow_begin(encoder->arrow, out);
    else if (encoder->format == FORMAT_JSON)
        buffer_add_char(out, '[');
    else if (encoder->format == FORMAT_CSV)
        write_csv_header(encoder->columns, out);
}

void encoder_end(struct encoder *encoder, struct buffer *out)
{
    if (encoder->parquet)
        parquet_end(encoder->parquet, out);
    else if (encoder->arrow)
        arrow_end(encoder->arrow, out);
    else if (encoder->format == FORMAT_JSON)
        buffer_add_text(out, encoder->any ? "\n]\n" : "]\n");
}

static char *write_bool(char *to, bool value)
{
    memcpy(to, value ? "true" : "false", 5); /* the byte behind "true" is written over */
    return to + (value ? 4 : 5);
}

/* Text of a value whose length has a bound, at `to`; gives the place behind it, NULL when the value
 * is not of its type. */
static char *write_fixed(struct moment_date *last, enum column_type type, struct row_value value,
                         char *to)
{
    switch (type) {
    case COLUMN_BOOL:
        return value.size == 1 ? write_bool(to, *value.data) : NULL;
    case COLUMN_INT32:
        return value.size == 4 ? number_write_int64(to, (int32_t)wire_get32(value.data)) : NULL;
    case COLUMN_INT64:
        return value.size == 8 ? number_write_int64(to, (int64_t)wire_get64(value.data)) : NULL;
    case COLUMN_DOUBLE:
        return value.size == 8 ? number_write_double(to, wire_get_double(value.data)) : NULL;
    case COLUMN_DATE:
        return value.size == 4 ? moment_write_date(last, to, (int32_t)wire_get32(value.data))
                               : NULL;
    case COLUMN_TIME:
        return value.size == 8 ? moment_write_time(to, (int64_t)wire_get64(value.data)) : NULL;
    case COLUMN_TIMESTAMP:
        return value.size == 8 ? moment_write_timestamp(last, to, (int64_t)wire_get64(value.data))
                               : NULL;
    case COLUMN_UUID:
        return value.size == OCTETS_UUID ? octets_write_uuid(to, value.data) : NULL;
    case COLUMN_NO_TYPE:
    case COLUMN_DECIMAL:
    case COLUMN_TEXT:
    case COLUMN_BYTES:
    case COLUMN_JSON:
        break;
    }
    return NULL;
}

static bool add_fixed(struct slot *slot, struct row_value value, struct buffer *out)
{
    char *to = write_fixed(&slot->last_date, slot->type, value, buffer_room(out, FIXED_TEXT));
    if (!to)
        return false;
    out->size = (size_t)(to - out->data);
    return true;
}

static bool add_fixed_quoted(struct slot *slot, struct row_value value, struct buffer *out)
{
    char *to = buffer_room(out, FIXED_TEXT + 2);
    *to = '"';
    to = write_fixed(&slot->last_date, slot->type, value, to + 1);
    if (!to)
        return false;
    *to++ = '"';
    out->size = (size_t)(to - out->data);
    return true;
}

/* JSON has no number for NaN and the infinities: they are strings. */
static bool is_no_number(enum column_type type, struct row_value value)
{
    if (type == COLUMN_DOUBLE)
        return value.size == 8 && !isfinite(wire_get_double(value.data));
    return value.size == 8 && wire_get16(value.data + 4) >= 0xC000; /* the sign of a numeric */
}

static bool add_decimal_quoted(struct row_value value, struct buffer *out)
{
    buffer_add_char(out, '"');
    bool good = decimal_write(out, value.data, (size_t)value.size);
    buffer_add_char(out, '"');
    return good;
}

/* jsonb is sent as its text behind a byte that tells the version. */
static bool is_jsonb(struct row_value value)
{
    return value.size > 1 && value.data[0] == 1;
}

static void add_bytes(const struct encoder *encoder, struct row_value value, struct buffer *out)
{
    buffer_add_char(out, '"');
    size_t begin = out->size;
    octets_write_base64(out, value.data, (size_t)value.size);
    for (size_t i = begin; encoder->style.base64url && i < out->size; i++)
        out->data[i] = out->data[i] == '+' ? '-' : out->data[i] == '/' ? '_' : out->data[i];
    while (encoder->style.base64url && out->size > begin && out->data[out->size - 1] == '=')
        out->size--;
    buffer_add_char(out, '"');
}

static bool add_json(const struct encoder *encoder, struct slot *slot, struct row_value value,
                     struct buffer *out)
{
    switch (slot->type) {
    case COLUMN_INT64:
        return encoder->style.exact ? add_fixed_quoted(slot, value, out)
                                    : add_fixed(slot, value, out);
    case COLUMN_BOOL:
    case COLUMN_INT32:
        return add_fixed(slot, value, out);
    case COLUMN_DOUBLE:
        return is_no_number(slot->type, value) ? add_fixed_quoted(slot, value, out)
                                               : add_fixed(slot, value, out);
    case COLUMN_DECIMAL:
        return encoder->style.exact || is_no_number(slot->type, value)
                   ? add_decimal_quoted(value, out)
                   : decimal_write(out, value.data, (size_t)value.size);
    case COLUMN_TEXT:
        escape_json(out, value.data, (size_t)value.size);
        return true;
    case COLUMN_DATE:
    case COLUMN_TIME:
    case COLUMN_TIMESTAMP:
    case COLUMN_UUID:
        return add_fixed_quoted(slot, value, out);
    case COLUMN_BYTES:
        add_bytes(encoder, value, out);
        return true;
    case COLUMN_JSON:
        if (!is_jsonb(value))
            return false;
        if (encoder->style.json_is_text) {
            escape_json(out, value.data + 1, (size_t)value.size - 1);
            return true;
        }
        buffer_add(out, value.data + 1, (size_t)value.size - 1);
        return true;
    case COLUMN_NO_TYPE:
        break;
    }
    return false;
}

static bool add_csv(struct slot *slot, struct row_value value, struct buffer *out)
{
    switch (slot->type) {
    case COLUMN_DECIMAL:
        return decimal_write(out, value.data, (size_t)value.size);
    case COLUMN_TEXT:
        escape_csv(out, value.data, (size_t)value.size);
        return true;
    case COLUMN_BYTES:
        if (!value.size)
            buffer_add(out, "\"\"", 2);
        octets_write_base64(out, value.data, (size_t)value.size);
        return true;
    case COLUMN_JSON:
        if (!is_jsonb(value))
            return false;
        escape_csv(out, value.data + 1, (size_t)value.size - 1);
        return true;
    case COLUMN_NO_TYPE:
    case COLUMN_BOOL:
    case COLUMN_INT32:
    case COLUMN_INT64:
    case COLUMN_DOUBLE:
    case COLUMN_DATE:
    case COLUMN_TIME:
    case COLUMN_TIMESTAMP:
    case COLUMN_UUID:
        break;
    }
    return add_fixed(slot, value, out);
}

struct problem *encoder_value(struct encoder *encoder, size_t column, struct row_value value,
                              struct buffer *out)
{
    assert(encoder->format != FORMAT_CSV);
    if (value.size < 0)
        buffer_add(out, "null", 4);
    else if (!add_json(encoder, &encoder->slots[column], value, out))
        return native_problem(encoder->arena, &encoder->columns->list[column], NATIVE_FOREIGN);
    return NULL;
}

static struct problem *write_text_row(struct encoder *encoder, const struct row_value *values,
                                      struct buffer *out)
{
    bool csv = encoder->format == FORMAT_CSV;
    if (encoder->format == FORMAT_JSON)
        buffer_add(out, ",\n", encoder->any ? 2 : 0);
    if (encoder->format == FORMAT_JSON && !encoder->any)
        buffer_add_char(out, '\n');
    encoder->any = true;
    for (size_t i = 0; i < encoder->columns->count; i++) {
        struct slot *slot = &encoder->slots[i];
        add_lead(slot, out);
        if (values[i].size < 0) {
            buffer_add(out, "null", csv ? 0 : 4);
            continue;
        }
        if (csv ? !add_csv(slot, values[i], out) : !add_json(encoder, slot, values[i], out))
            return native_problem(encoder->arena, &encoder->columns->list[i], NATIVE_FOREIGN);
    }
    if (csv)
        buffer_add(out, "\r\n", 2);
    else
        buffer_add(out, "}\n", encoder->format == FORMAT_NDJSON ? 2 : 1);
    return NULL;
}

struct problem *encoder_row(struct encoder *encoder, const struct row_value *values,
                            struct buffer *out)
{
    if (encoder->parquet)
        return parquet_row(encoder->parquet, values, out);
    if (encoder->arrow)
        return arrow_row(encoder->arrow, values, out);
    return write_text_row(encoder, values, out);
}

/* Bytes as Postgres reads them. */
static void add_hex(struct buffer *out, const char *data, size_t size)
{
    buffer_add(out, "\\x", 2);
    text_hex(data, size, buffer_room(out, 2 * size + 1));
    out->size += 2 * size;
}

struct problem *encode_value_text(struct arena *arena, const struct column *column,
                                  struct row_value value, const char **out_text)
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    struct slot plain = { .type = column->type };
    bool good = true;
    if (value.size < 0) {
        *out_text = NULL;
        return NULL;
    }
    if (column->type == COLUMN_TEXT)
        buffer_add(&text, value.data, (size_t)value.size);
    else if (column->type == COLUMN_BYTES)
        add_hex(&text, value.data, (size_t)value.size);
    else if (column->type == COLUMN_JSON && is_jsonb(value))
        buffer_add(&text, value.data + 1, (size_t)value.size - 1);
    else if (column->type == COLUMN_DECIMAL)
        good = decimal_write(&text, value.data, (size_t)value.size);
    else
        good = add_fixed(&plain, value, &text);
    if (!good)
        return native_problem(arena, column, NATIVE_FOREIGN);
    *out_text = arena_copy(arena, text.data, text.size);
    return NULL;
}
