#include "params.h"

#include <assert.h>
#include <endian.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const Oid oids[] = {
    [DB_BOOL] = OID_BOOL,
    [DB_INT32] = OID_INT4,
    [DB_INT64] = OID_INT8,
    [DB_DOUBLE] = OID_FLOAT8,
    [DB_TEXT] = OID_TEXT,
    [DB_BYTES] = OID_BYTEA,
    [DB_TIME] = OID_TIMESTAMPTZ,
    [DB_JSON] = OID_JSONB,
    [DB_TEXT_ARRAY] = OID_TEXT_ARRAY,
    [DB_INT64_ARRAY] = OID_INT8_ARRAY,
};

struct db_param db_bool(bool value)
{
    return (struct db_param){ .type = DB_BOOL, .boolean = value };
}

struct db_param db_int32(int32_t value)
{
    return (struct db_param){ .type = DB_INT32, .integer = value };
}

struct db_param db_int64(int64_t value)
{
    return (struct db_param){ .type = DB_INT64, .integer = value };
}

struct db_param db_double(double value)
{
    return (struct db_param){ .type = DB_DOUBLE, .real = value };
}

struct db_param db_text(const char *value)
{
    return (struct db_param){ .type = DB_TEXT, .is_null = !value, .text = value };
}

struct db_param db_json(const char *value)
{
    return (struct db_param){ .type = DB_JSON, .is_null = !value, .text = value };
}

struct db_param db_bytes(const void *data, size_t size)
{
    return (struct db_param){ .type = DB_BYTES, .bytes = { data, size } };
}

struct db_param db_time(int64_t at)
{
    return (struct db_param){ .type = DB_TIME, .integer = at };
}

struct db_param db_texts(const char *const *values)
{
    return (struct db_param){ .type = DB_TEXT_ARRAY, .is_null = !values, .texts = values };
}

struct db_param db_int64s(const int64_t *values, size_t count)
{
    return (struct db_param){ .type = DB_INT64_ARRAY, .integers = { values, count } };
}

struct db_param db_null(enum db_type type)
{
    return (struct db_param){ .type = type, .is_null = true };
}

Oid params_type(enum db_type type)
{
    assert(type > DB_NO_TYPE && (size_t)type < COUNT(oids));
    return oids[type];
}

static char *put32(char *at, uint32_t value)
{
    value = htobe32(value);
    memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

static char *put64(char *at, uint64_t value)
{
    value = htobe64(value);
    memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

/* The binary form of an array of one dimension without NULLs: 12 bytes, then 8 per dimension. */
static char *put_array_head(char *at, Oid element, size_t count)
{
    assert(count <= INT32_MAX);
    at = put32(at, count ? 1 : 0);
    at = put32(at, 0);
    at = put32(at, element);
    if (!count)
        return at;
    at = put32(at, (uint32_t)count);
    return put32(at, 1); /* indexes begin at 1 */
}

enum { ARRAY_HEAD_BYTES = 20 };

static char *encode_texts(struct arena *arena, const char *const *texts, size_t *out_size)
{
    size_t count = 0;
    size_t bytes = 0;
    for (; texts[count]; count++)
        bytes += 4 + strlen(texts[count]);
    char *data = arena_alloc(arena, ARRAY_HEAD_BYTES + bytes);
    char *at = put_array_head(data, OID_TEXT, count);
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(texts[i]);
        assert(size <= INT32_MAX);
        at = put32(at, (uint32_t)size);
        memcpy(at, texts[i], size);
        at += size;
    }
    *out_size = (size_t)(at - data);
    return data;
}

static char *encode_int64s(struct arena *arena, const struct db_int64s *integers, size_t *out_size)
{
    char *data = arena_alloc(arena, ARRAY_HEAD_BYTES + arena_array_bytes(integers->count, 12));
    char *at = put_array_head(data, OID_INT8, integers->count);
    for (size_t i = 0; i < integers->count; i++) {
        at = put32(at, 8);
        at = put64(at, (uint64_t)integers->list[i]);
    }
    *out_size = (size_t)(at - data);
    return data;
}

static uint64_t time_bits(int64_t at)
{
    if (at == INT64_MAX || at == INT64_MIN)
        return (uint64_t)at; /* infinity and -infinity */
    int64_t since_2000;
    bool overflow = __builtin_sub_overflow(at, PARAMS_EPOCH_US, &since_2000);
    assert(!overflow);
    return (uint64_t)since_2000;
}

/* Values of a fixed size are written to room, which has 8 bytes. */
static const char *encode_one(struct arena *arena, const struct db_param *in, char *room,
                              size_t *out_size)
{
    uint64_t bits;
    *out_size = 8;
    switch (in->type) {
    case DB_BOOL:
        *room = in->boolean;
        *out_size = 1;
        return room;
    case DB_INT32:
        assert(in->integer >= INT32_MIN && in->integer <= INT32_MAX);
        (void)put32(room, (uint32_t)in->integer);
        *out_size = 4;
        return room;
    case DB_INT64:
        (void)put64(room, (uint64_t)in->integer);
        return room;
    case DB_TIME:
        (void)put64(room, time_bits(in->integer));
        return room;
    case DB_DOUBLE:
        memcpy(&bits, &in->real, sizeof bits);
        (void)put64(room, bits);
        return room;
    case DB_BYTES:
        *out_size = in->bytes.size;
        return in->bytes.size ? in->bytes.data : room; /* NULL would mean NULL */
    case DB_TEXT_ARRAY:
        return encode_texts(arena, in->texts, out_size);
    case DB_INT64_ARRAY:
        return encode_int64s(arena, &in->integers, out_size);
    case DB_TEXT:
    case DB_JSON:
        *out_size = 0; /* libpq takes text up to its NUL */
        return in->text;
    case DB_NO_TYPE:
        break;
    }
    abort();
}

void params_encode(struct arena *arena, const struct db_param *in, size_t count,
                   struct params *out_params)
{
    assert(count <= UINT16_MAX); /* the limit of the protocol */
    *out_params = (struct params){ .count = (int)count };
    if (!count)
        return;
    out_params->values = arena_array_of(arena, const char *, count);
    out_params->types = arena_array_of(arena, Oid, count);
    out_params->lengths = arena_array_of(arena, int, count);
    out_params->formats = arena_array_of(arena, int, count);
    char *room = arena_alloc(arena, count * 8);
    for (size_t i = 0; i < count; i++) {
        size_t size = 0;
        out_params->types[i] = params_type(in[i].type);
        out_params->formats[i] = in[i].type != DB_TEXT && in[i].type != DB_JSON;
        if (!in[i].is_null)
            out_params->values[i] = encode_one(arena, &in[i], room + i * 8, &size);
        assert(size <= INT_MAX);
        out_params->lengths[i] = (int)size;
    }
}
