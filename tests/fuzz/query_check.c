/* What fuzz_check_query does. */
#include "query_fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct column column_list[] = {
    { .name = "id", .type = COLUMN_INT64, .required = true, .key_position = 1 },
    { .name = "name", .type = COLUMN_TEXT },
    { .name = "code", .type = COLUMN_TEXT, .required = true },
    { .name = "qty", .type = COLUMN_INT32 },
    { .name = "amount", .type = COLUMN_DECIMAL, .precision = 12, .scale = 2 },
    { .name = "price", .type = COLUMN_DOUBLE },
    { .name = "paid", .type = COLUMN_BOOL },
    { .name = "open", .type = COLUMN_BOOL, .required = true },
    { .name = "due", .type = COLUMN_DATE },
    { .name = "at", .type = COLUMN_TIME },
    { .name = "sold_at", .type = COLUMN_TIMESTAMP },
    { .name = "ref", .type = COLUMN_UUID },
    { .name = "raw", .type = COLUMN_BYTES },
    { .name = "tags", .type = COLUMN_JSON },
};
static const struct columns keyed = { column_list, COUNT(column_list) };
static const struct columns keyless = { column_list + 1, COUNT(column_list) - 1 };

/* All words that may stand in the SQL outside quotes. */
static const char words[] =
    " SELECT FROM t WHERE ORDER BY DESC NULLS FIRST LAST LIMIT OFFSET AND OR NOT IS NULL TRUE "
    "DISTINCT ANY CASE WHEN THEN ELSE END BETWEEN VALUES AS AT TIME ZONE OVER E row_number count "
    "true false operand operands n d trunc abs sign round floor ceiling extract year month day "
    "hour "
    "minute second epoch GROUP BY sum avg min max bool_and bool_or s strpos starts_with reverse "
    "length substr least greatest lower upper btrim "
    "rtrim to_char interval int4 int8 numeric float8 text bool date time timestamptz uuid bytea "
    "jsonb ";

/* All texts that may stand in it. */
static const char *const texts[] = {
    "NaN",
    "Infinity",
    "-Infinity",
    "INF",
    "-INF",
    "UTC",
    "1 day",
    "YYYY-MM-DD",
    "YYYY-MM-DD\"T\"HH24:MI:SS.US",
    "0",
    ".",
    "Z",
    " \\t\\n\\x0b\\f\\r\\u0085\\u00a0\\u1680\\u2000\\u2001\\u2002\\u2003\\u2004\\u2005\\u2006\\u200"
    "7"
    "\\u2008\\u2009\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000",
};

static void check_name(const char *name, size_t size)
{
    for (size_t i = 0; i < COUNT(column_list); i++)
        if (strlen(column_list[i].name) == size && memcmp(column_list[i].name, name, size) == 0)
            return;
    abort();
}

static void check_text(const char *text, size_t size)
{
    for (size_t i = 0; i < COUNT(texts); i++)
        if (strlen(texts[i]) == size && memcmp(texts[i], text, size) == 0)
            return;
    abort();
}

/* c1, c2, …: the columns of a step */
static bool is_place(const char *word, size_t size)
{
    return size > 1 && *word == 'c' && strspn(word + 1, "0123456789") == size - 1;
}

static void check_word(const char *word, size_t size)
{
    if (is_place(word, size))
        return;
    char spaced[32] = " ";
    assert(size < sizeof spaced - 2);
    memcpy(spaced + 1, word, size);
    spaced[size + 1] = ' ';
    assert(strstr(words, spaced));
}

static void check_sql(const struct db_query *sql)
{
    static const char word[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
    assert(!strstr(sql->text, "--") && !strstr(sql->text, "/*"));
    for (const char *at = sql->text; *at;) {
        size_t size;
        if (*at == '"' || *at == '\'') {
            size = strcspn(at + 1, *at == '"' ? "\"" : "'");
            if (*at == '"')
                check_name(at + 1, size);
            else
                check_text(at + 1, size);
            at += size + 2;
        } else if ((*at >= '0' && *at <= '9') || strchr(" (),.:=<>+-*/%|~[]", *at)) {
            at++;
        } else if (*at == '$') {
            assert((size_t)atoll(at + 1) <= sql->param_count && at[1] > '0' && at[1] <= '9');
            at++;
        } else {
            size = strspn(at, word);
            assert(size);
            check_word(at, size);
            at += size;
        }
    }
}

static void check_query(struct arena *arena, const struct query *query)
{
    static const char key[] = "key";
    struct db_query sql;
    if (query_count_sql(arena, query, "t", &sql)) /* too large: then all of it is */
        return;
    check_sql(&sql);
    if (query_sql(arena, query, "t", 10, NULL, true, true, &sql))
        return;
    check_sql(&sql);
    const struct columns *order = query_order_columns(query);
    const char **values = arena_array_of(arena, const char *, order->count);
    for (size_t i = 0; i < order->count; i++)
        values[i] = order->list[i].required || i % 2 ? "1" : NULL;
    struct query_place place = { values, order->count };
    int64_t snapshot, remaining;
    const char *token = query_token_make(arena, key, 3, 1, 2, query, &place);
    struct problem *problem =
        query_token_open(arena, key, 3, token, query, &snapshot, &remaining, &place);
    assert(!problem && snapshot == 1 && remaining == 2);
    if (!query_sql(arena, query, "t", -1, &place, false, false, &sql))
        check_sql(&sql);
    if (query_token(query)) /* a client cannot know the key */
        assert(query_token_open(arena, key, 3, query_token(query), query, &snapshot, &remaining,
                                &place));
    assert(strlen(query_canonical(arena, query)) > 0);
}

/* The value of an option by the name a problem gives. */
static size_t value_size(const struct query_option *options, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        const char *own = options[i].name + (options[i].name[0] == '$');
        if (strcasecmp(own, name) == 0)
            return strlen(options[i].value);
    }
    return SIZE_MAX;
}

static void check_problem(struct arena *arena, const struct problem *problem,
                          const struct query_option *options, size_t count)
{
    int64_t position = problem_number(problem, "position", -1);
    const char *option = problem_text(problem, "option");
    assert(problem->kind->status == 400 || problem->kind->status == 501);
    assert(option && position >= 0 && (size_t)position <= value_size(options, count, option));
    assert(problem_json(arena, problem, NULL));
}

static void check_with(struct arena *arena, const struct columns *columns,
                       const struct query_option *options, size_t count)
{
    static const char *const others[] = { "format", NULL };
    struct query *query = NULL;
    struct problem *problem =
        query_parse(arena, columns, options, count, others, &query_default_limits, &query);
    if (problem)
        check_problem(arena, problem, options, count);
    else
        check_query(arena, query);
}

void fuzz_check_query(struct arena *arena, const struct query_option *options, size_t count)
{
    check_with(arena, &keyed, options, count);
    check_with(arena, &keyless, options, count);
}
