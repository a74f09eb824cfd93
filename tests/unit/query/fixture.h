/*
 * What the tests of the query room share: a dataset of every type, and queries written as a
 * request writes them, `filter=id eq 1&top=5`, already decoded.
 */
#ifndef ENTREPOT_TESTS_UNIT_QUERY_FIXTURE_H
#define ENTREPOT_TESTS_UNIT_QUERY_FIXTURE_H

#include "server/base/buffer.h"
#include "server/base/text.h"
#include "server/query/query.h"
#include "tests/unit/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct column fixture_list[] = {
    { .name = "id", .type = COLUMN_INT64, .required = true, .key_position = 1 },
    { .name = "name", .type = COLUMN_TEXT },
    { .name = "code", .type = COLUMN_TEXT, .required = true },
    { .name = "qty", .type = COLUMN_INT32 },
    { .name = "count", .type = COLUMN_INT32, .required = true },
    { .name = "amount", .type = COLUMN_DECIMAL, .precision = 12, .scale = 2 },
    { .name = "price", .type = COLUMN_DOUBLE },
    { .name = "weight", .type = COLUMN_DOUBLE, .required = true },
    { .name = "paid", .type = COLUMN_BOOL },
    { .name = "open", .type = COLUMN_BOOL, .required = true },
    { .name = "due", .type = COLUMN_DATE },
    { .name = "at", .type = COLUMN_TIME },
    { .name = "sold_at", .type = COLUMN_TIMESTAMP },
    { .name = "ref", .type = COLUMN_UUID },
    { .name = "raw", .type = COLUMN_BYTES },
    { .name = "tags", .type = COLUMN_JSON },
};
static const struct columns fixture_columns = { fixture_list, COUNT(fixture_list) };

/* The options of a query string; values may hold = but not &. */
static inline size_t fixture_options(struct arena *arena, const char *text,
                                     struct query_option *out, size_t capacity)
{
    size_t count = 0;
    char **pairs = text_split(arena, text, "&");
    for (; *pairs; pairs++) {
        char *equals = strchr(*pairs, '=');
        ck_assert_uint_lt(count, capacity);
        if (equals)
            *equals = '\0';
        out[count].name = *pairs;
        out[count++].value = equals ? equals + 1 : "";
    }
    return count;
}

static inline struct problem *fixture_parse_with(struct arena *arena, const struct columns *columns,
                                                 const char *text,
                                                 const struct query_limits *limits,
                                                 struct query **out_query)
{
    static const char *const others[] = { "format", "snapshot", NULL };
    struct query_option options[300];
    size_t count = fixture_options(arena, text, options, COUNT(options));
    return query_parse(arena, columns, options, count, others, limits, out_query);
}

static inline struct problem *fixture_parse(struct arena *arena, const char *text,
                                            struct query **out_query)
{
    return fixture_parse_with(arena, &fixture_columns, text, &query_default_limits, out_query);
}

/* The query of a text that must be right. */
static inline struct query *fixture_query(struct arena *arena, const char *text)
{
    struct query *query = NULL;
    struct problem *problem = fixture_parse(arena, text, &query);
    ck_assert_msg(!problem, "%s: %s", text, problem ? problem->detail : "");
    return query;
}

static inline void fixture_add_param(struct buffer *out, const struct db_param *param)
{
    if (param->is_null) {
        buffer_add_text(out, "null");
        return;
    }
    switch (param->type) {
    case DB_BOOL:
        buffer_add_text(out, param->boolean ? "true" : "false");
        return;
    case DB_INT64:
        buffer_print(out, "%" PRId64, param->integer);
        return;
    case DB_TIME:
        buffer_print(out, "@%" PRId64, param->integer);
        return;
    case DB_DOUBLE:
        buffer_print(out, "%.17gd", param->real);
        return;
    case DB_TEXT:
        buffer_print(out, "'%s'", param->text);
        return;
    case DB_BYTES:
        buffer_print(out, "%zu bytes", param->bytes.size);
        return;
    case DB_TEXT_ARRAY:
        for (const char *const *text = param->texts; *text; text++)
            buffer_print(out, "%s'%s'", text == param->texts ? "[" : ",", *text);
        buffer_add_text(out, "]");
        return;
    case DB_INT64_ARRAY:
        for (size_t i = 0; i < param->integers.count; i++)
            buffer_print(out, "%s%" PRId64, i ? "," : "[", param->integers.list[i]);
        buffer_add_text(out, "]");
        return;
    default:
        ck_abort_msg("a parameter of type %d", (int)param->type);
    }
}

/* The SQL, then its parameters: `SELECT … $1::int8 -- 42` */
static inline const char *fixture_sql_text(struct arena *arena, const struct db_query *sql)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    buffer_add_text(&out, sql->text);
    for (size_t i = 0; i < sql->param_count; i++) {
        buffer_add_text(&out, i ? " | " : " -- ");
        fixture_add_param(&out, &sql->params[i]);
    }
    return arena_copy(arena, out.data, out.size);
}

#endif
