#include "arrow_schema.h"

#include "flatbuffer.h"
#include "server/base/cleanup.h"

#include <endian.h>

/* Numbers that Arrow's Message.fbs and Schema.fbs give to things. */
enum { VERSION_5 = 4, HEADER_SCHEMA = 1, HEADER_BATCH = 3 };
enum { UNIT_DAY = 0, UNIT_MICROSECOND = 2, PRECISION_DOUBLE = 2 };
enum type {
    TYPE_INT = 2,
    TYPE_FLOAT = 3,
    TYPE_BINARY = 4,
    TYPE_UTF8 = 5,
    TYPE_BOOL = 6,
    TYPE_DECIMAL = 7,
    TYPE_DATE = 8,
    TYPE_TIME = 9,
    TYPE_TIMESTAMP = 10,
    TYPE_FIXED_BINARY = 15
};

/* A type's number, its fields but a reference, and what other programs know its values as. */
struct described {
    enum type type;
    struct flat_field fields[3];
    size_t field_count;
    const char *zone;      /* text that the last field refers to */
    const char *extension; /* NULL: the type itself says all */
};

static struct described describe(const struct native *native)
{
    switch (native->type) {
    case COLUMN_BOOL:
        return (struct described){ .type = TYPE_BOOL };
    case COLUMN_INT32:
    case COLUMN_INT64:
        return (struct described){ TYPE_INT, { { 4, 8 * native->width }, { 1, 1 } }, 2 };
    case COLUMN_DECIMAL:
        if (!native->precision)
            break;
        return (struct described){
            TYPE_DECIMAL,
            { { 4, native->precision }, { 4, native->scale }, { 4, 8 * native->width } },
            3
        };
    case COLUMN_DOUBLE:
        return (struct described){ TYPE_FLOAT, { { 2, PRECISION_DOUBLE } }, 1 };
    case COLUMN_DATE:
        return (struct described){ TYPE_DATE, { { 2, UNIT_DAY } }, 1 };
    case COLUMN_TIME:
        return (struct described){ TYPE_TIME, { { 2, UNIT_MICROSECOND }, { 4, 64 } }, 2 };
    case COLUMN_TIMESTAMP:
        return (struct described){
            TYPE_TIMESTAMP, { { 2, UNIT_MICROSECOND }, FLAT_REFERENCE }, 2, .zone = "UTC"
        };
    case COLUMN_UUID:
        return (struct described){
            TYPE_FIXED_BINARY, { { 4, native->width } }, 1, .extension = "arrow.uuid"
        };
    case COLUMN_BYTES:
        return (struct described){ .type = TYPE_BINARY };
    case COLUMN_JSON:
        return (struct described){ .type = TYPE_UTF8, .extension = "arrow.json" };
    case COLUMN_NO_TYPE:
    case COLUMN_TEXT:
        break;
    }
    return (struct described){ .type = TYPE_UTF8 };
}

static void add_pair(struct flat *flat, size_t place, const char *key, const char *value)
{
    static const struct flat_field fields[] = { FLAT_REFERENCE, FLAT_REFERENCE };
    size_t places[COUNT(fields)];
    flat_table(flat, place, fields, COUNT(fields), places);
    flat_text(flat, places[0], key);
    flat_text(flat, places[1], value);
}

static void add_field(struct flat *flat, size_t place, const struct column *column,
                      const struct native *native)
{
    const struct described type = describe(native);
    struct flat_field fields[] = {
        FLAT_REFERENCE, { 1, !column->required }, { 1, type.type }, FLAT_REFERENCE,
        FLAT_NONE,      FLAT_REFERENCE,           FLAT_NONE,
    };
    enum { NAME, NULLABLE, TYPE, TYPE_TABLE, DICTIONARY, CHILDREN, METADATA };
    size_t places[COUNT(fields)];
    if (type.extension)
        fields[METADATA] = (struct flat_field)FLAT_REFERENCE;
    flat_table(flat, place, fields, COUNT(fields), places);
    flat_text(flat, places[NAME], column->name);
    size_t in_type[COUNT(type.fields)];
    flat_table(flat, places[TYPE_TABLE], type.fields, type.field_count, in_type);
    if (type.zone)
        flat_text(flat, in_type[type.field_count - 1], type.zone);
    (void)flat_references(flat, places[CHILDREN], 0);
    if (!type.extension)
        return;
    size_t pair = flat_references(flat, places[METADATA], 2);
    add_pair(flat, pair, "ARROW:extension:name", type.extension);
    add_pair(flat, pair + 4, "ARROW:extension:metadata", "");
}

static void put32(char *to, uint32_t number)
{
    number = htole32(number);
    memcpy(to, &number, sizeof number);
}

/* Each message: a mark, the size of the metadata, the metadata. Gives where the message begins. */
static size_t begin_message(struct buffer *out, struct flat *flat, int header, int64_t body_bytes,
                            size_t *out_header)
{
    size_t start = out->size;
    const struct flat_field fields[] = {
        { 2, VERSION_5 }, { 1, header }, FLAT_REFERENCE, { 8, body_bytes }
    };
    size_t places[COUNT(fields)];
    put32(buffer_room(out, 8), UINT32_MAX);
    out->size += 8;
    flat_begin(flat, out);
    flat_table(flat, FLAT_ROOT, fields, COUNT(fields), places);
    *out_header = places[2];
    return start;
}

static void end_message(struct buffer *out, size_t start)
{
    static const char zeros[8];
    buffer_add(out, zeros, -(out->size - start) & 7);
    put32(out->data + start + 4, (uint32_t)(out->size - start - 8));
}

void arrow_write_schema(struct buffer *out, const struct columns *columns,
                        const struct native *natives)
{
    static const struct flat_field fields[] = { { 2, 0 }, FLAT_REFERENCE }; /* little endian */
    struct flat flat;
    size_t header;
    size_t places[COUNT(fields)];
    size_t start = begin_message(out, &flat, HEADER_SCHEMA, 0, &header);
    flat_table(&flat, header, fields, COUNT(fields), places);
    size_t list = flat_references(&flat, places[1], columns->count);
    for (size_t i = 0; i < columns->count; i++)
        add_field(&flat, list + 4 * i, &columns->list[i], &natives[i]);
    end_message(out, start);
}

void arrow_write_batch_head(struct buffer *out, int64_t rows, const int64_t (*nodes)[2],
                            size_t node_count, const int64_t (*buffers)[2], size_t buffer_count,
                            int64_t body_bytes)
{
    const struct flat_field fields[] = { { 8, rows }, FLAT_REFERENCE, FLAT_REFERENCE };
    struct flat flat;
    size_t header;
    size_t places[COUNT(fields)];
    size_t start = begin_message(out, &flat, HEADER_BATCH, body_bytes, &header);
    flat_table(&flat, header, fields, COUNT(fields), places);
    flat_pairs(&flat, places[1], nodes, node_count);
    flat_pairs(&flat, places[2], buffers, buffer_count);
    end_message(out, start);
}

void arrow_write_end(struct buffer *out)
{
    static const char end[8] = "\xff\xff\xff\xff"; /* and no metadata */
    buffer_add(out, end, sizeof end);
}
