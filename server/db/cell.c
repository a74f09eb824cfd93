#include "cell.h"

#include "params.h"

#include <assert.h>
#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct db_column column(enum db_type type, void *out)
{
    return (struct db_column){ .type = type, .out = out };
}

struct db_column db_to_bool(bool *out)
{
    return column(DB_BOOL, out);
}

struct db_column db_to_int32(int32_t *out)
{
    return column(DB_INT32, out);
}

struct db_column db_to_int64(int64_t *out)
{
    return column(DB_INT64, out);
}

struct db_column db_to_int64_or(int64_t *out, int64_t missing)
{
    return (
        struct db_column){ .type = DB_INT64, .out = out, .takes_null = true, .missing = missing };
}

struct db_column db_to_double(double *out)
{
    return (struct db_column){ .type = DB_DOUBLE, .out = out, .takes_null = true };
}

struct db_column db_to_text(const char **out)
{
    return (struct db_column){ .type = DB_TEXT, .out = out, .takes_null = true };
}

struct db_column db_to_json(const char **out)
{
    return (struct db_column){ .type = DB_JSON, .out = out, .takes_null = true };
}

struct db_column db_to_bytes(struct db_bytes *out)
{
    return (struct db_column){ .type = DB_BYTES, .out = out, .takes_null = true };
}

struct db_column db_to_time(int64_t *out)
{
    return column(DB_TIME, out);
}

struct db_column db_to_time_or(int64_t *out, int64_t missing)
{
    return (
        struct db_column){ .type = DB_TIME, .out = out, .takes_null = true, .missing = missing };
}

struct problem *cell_check_types(struct arena *arena, const struct db_statement *statement,
                                 const PGresult *result)
{
    bool same = (size_t)PQnfields(result) == statement->column_count;
    for (size_t i = 0; same && i < statement->column_count; i++)
        same = PQftype(result, (int)i) == params_type(statement->columns[i].type);
    if (same)
        return NULL;
    return problem_because(arena,
                           problem_new(arena, &PROBLEM_INTERNAL,
                                       "the database does not fit this version of the server"),
                           "statement %s gives other columns than its signature", statement->name);
}

/* Sizes on the wire; -1: any. */
static int wire_size(enum db_type type)
{
    switch (type) {
    case DB_BOOL:
        return 1;
    case DB_INT32:
        return 4;
    case DB_INT64:
    case DB_TIME:
    case DB_DOUBLE:
        return 8;
    default:
        return -1;
    }
}

static struct problem *check_cell(struct arena *arena, const struct db_statement *statement,
                                  const PGresult *result, int row, int at)
{
    const struct db_field *field = &statement->columns[at];
    const char *fault = NULL;
    if (PQgetisnull(result, row, at))
        fault = field->nullable ? NULL : "is NULL";
    else if (wire_size(field->type) >= 0 && wire_size(field->type) != PQgetlength(result, row, at))
        fault = "has another size than its type";
    else if (field->type == DB_JSON
             && (PQgetlength(result, row, at) < 1 || *PQgetvalue(result, row, at) != 1))
        fault = "is jsonb of an unknown version";
    if (!fault)
        return NULL;
    return problem_because(
        arena, problem_new(arena, &PROBLEM_INTERNAL, "the database gave a value nobody expected"),
        "statement %s: column %s %s", statement->name, field->name, fault);
}

static uint64_t get64(const char *data)
{
    uint64_t bits;
    memcpy(&bits, data, sizeof bits);
    return be64toh(bits);
}

static int64_t get_time(const char *data)
{
    int64_t at = (int64_t)get64(data);
    if (at == INT64_MIN || __builtin_add_overflow(at, PARAMS_EPOCH_US, &at))
        return at == INT64_MIN ? INT64_MIN : INT64_MAX; /* -infinity, infinity */
    return at;
}

static void store_null(const struct db_column *out)
{
    switch (out->type) {
    case DB_INT64:
    case DB_TIME:
        *(int64_t *)out->out = out->missing;
        break;
    case DB_DOUBLE:
        *(double *)out->out = NAN;
        break;
    case DB_TEXT:
    case DB_JSON:
        *(const char **)out->out = NULL;
        break;
    case DB_BYTES:
        *(struct db_bytes *)out->out = (struct db_bytes){ 0 };
        break;
    default:
        abort(); /* takes_null is set for none of the others */
    }
}

static void store(struct arena *arena, const char *data, size_t size, const struct db_column *out)
{
    uint32_t bits32;
    uint64_t bits64;
    switch (out->type) {
    case DB_BOOL:
        *(bool *)out->out = *data != 0;
        break;
    case DB_INT32:
        memcpy(&bits32, data, sizeof bits32);
        *(int32_t *)out->out = (int32_t)be32toh(bits32);
        break;
    case DB_INT64:
        *(int64_t *)out->out = (int64_t)get64(data);
        break;
    case DB_TIME:
        *(int64_t *)out->out = get_time(data);
        break;
    case DB_DOUBLE:
        bits64 = get64(data);
        memcpy(out->out, &bits64, sizeof(double));
        break;
    case DB_TEXT:
        *(const char **)out->out = arena_copy(arena, data, size);
        break;
    case DB_JSON:
        *(const char **)out->out = arena_copy(arena, data + 1, size - 1); /* behind the version */
        break;
    case DB_BYTES:
        *(struct db_bytes *)out->out = (struct db_bytes){ arena_copy(arena, data, size), size };
        break;
    default:
        abort(); /* arrays are parameters only */
    }
}

struct problem *cell_read_row(struct arena *arena, const struct db_statement *statement,
                              const PGresult *result, int row, const struct db_column *out)
{
    for (size_t i = 0; i < statement->column_count; i++)
        TRY(check_cell(arena, statement, result, row, (int)i));
    for (int i = 0; i < (int)statement->column_count; i++) {
        if (PQgetisnull(result, row, i))
            store_null(&out[i]);
        else
            store(arena, PQgetvalue(result, row, i), (size_t)PQgetlength(result, row, i), &out[i]);
    }
    return NULL;
}
