/* Random groups and aggregates against a real Postgres: the values must be those found row by row
 * from the oracle's rows, in the types the columns of the result say. */
#include "oracle.h"
#include "server/base/text.h"
#include "server/formats/encoder.h"
#include "server/query/query.h"
#include "tests/db/db/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TURNS 400
#define GROUPS_MAX 3
#define VALUES_MAX 4

static struct db *db;
static struct arena *arena;
static struct oracle *oracle;

static void connect_and_fill(void)
{
    arena = arena_new(1 << 16);
    db = db_open(harness_conninfo(), "test");
    oracle = oracle_new(arena, 20261121);
    MUST(db_run(db, arena, oracle_create_sql()));
    MUST(db_run(db, arena, oracle_insert_sql(oracle)));
}

static void disconnect(void)
{
    db_close(db);
    arena_free(arena);
}

enum what { SUM, MIN, MAX, AVERAGE, COUNTDISTINCT, ROWS, WHATS };
static const char *const methods[] = { "sum", "min", "max", "average", "countdistinct" };

/* A pipeline made up: rows that a condition leaves, grouped by columns, aggregated. */
struct pipeline {
    const struct condition *condition; /* NULL: all rows */
    unsigned groups[GROUPS_MAX];
    unsigned group_count;
    enum what whats[VALUES_MAX];
    unsigned columns[VALUES_MAX];
    unsigned value_count;
    const char *text;
};

static bool is_number(unsigned column)
{
    enum column_type type = oracle_columns.list[column].type;
    return type == COLUMN_INT32 || type == COLUMN_INT64 || type == COLUMN_DECIMAL
           || type == COLUMN_DOUBLE;
}

static void write_pipeline(struct arena *scratch, struct pipeline *made)
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    if (made->condition)
        buffer_print(&text, "filter(%s)/", condition_text(oracle, made->condition));
    if (made->group_count)
        buffer_add_text(&text, "groupby((");
    for (unsigned i = 0; i < made->group_count; i++)
        buffer_print(&text, "%s%s", i ? "," : "", oracle_columns.list[made->groups[i]].name);
    buffer_add_text(&text, made->group_count ? "),aggregate(" : "aggregate(");
    for (unsigned i = 0; i < made->value_count; i++)
        if (made->whats[i] == ROWS)
            buffer_print(&text, "%s$count as v%u", i ? "," : "", i);
        else
            buffer_print(&text, "%s%s with %s as v%u", i ? "," : "",
                         oracle_columns.list[made->columns[i]].name, methods[made->whats[i]], i);
    buffer_add_text(&text, made->group_count ? "))" : ")");
    made->text = arena_copy(scratch, text.data, text.size);
}

static struct pipeline random_pipeline(struct arena *scratch)
{
    struct pipeline made = { .group_count = oracle_random(oracle, GROUPS_MAX + 1),
                             .value_count = 1 + oracle_random(oracle, VALUES_MAX) };
    if (oracle_random(oracle, 2))
        made.condition = oracle_condition(oracle, 1);
    for (unsigned i = 0; i < made.group_count; i++) /* once each, and not the key of the rows */
        made.groups[i] = 1 + (oracle_random(oracle, 4) * GROUPS_MAX + i) % (ORACLE_COLUMNS - 1);
    for (unsigned i = 0; i < made.value_count; i++) {
        made.whats[i] = (enum what)oracle_random(oracle, WHATS);
        do
            made.columns[i] = oracle_random(oracle, ORACLE_COLUMNS);
        while ((made.whats[i] == SUM || made.whats[i] == AVERAGE) && !is_number(made.columns[i]));
    }
    write_pipeline(scratch, &made);
    return made;
}

static int compare_groups(const struct pipeline *pipeline, unsigned left, unsigned right)
{
    for (unsigned i = 0; i < pipeline->group_count; i++) {
        unsigned column = pipeline->groups[i];
        int sign = cell_compare(&oracle->rows[left][column], &oracle->rows[right][column]);
        if (sign)
            return sign;
    }
    return 0;
}

/* The rows that are left, those of one group side by side, groups in order. */
static unsigned sorted_rows(const struct pipeline *pipeline, unsigned rows[ORACLE_ROWS])
{
    unsigned count = 0;
    for (unsigned row = 0; row < ORACLE_ROWS; row++) {
        if (pipeline->condition && !condition_holds(pipeline->condition, oracle->rows[row]))
            continue;
        unsigned at = count++;
        for (; at && compare_groups(pipeline, rows[at - 1], row) > 0; at--)
            rows[at] = rows[at - 1];
        rows[at] = row;
    }
    return count;
}

/* What an aggregate is for some rows, by the plainest means. */
static struct cell aggregate_of(enum what what, unsigned column, const unsigned *rows,
                                unsigned count)
{
    struct cell best = { .is_null = true };
    double sum = 0;
    unsigned values = 0, distinct = 0;
    for (unsigned i = 0; i < count; i++) {
        const struct cell *cell = &oracle->rows[rows[i]][column];
        if (cell->is_null)
            continue;
        bool seen = false;
        for (unsigned k = 0; k < i && !seen; k++)
            seen = cell_compare(cell, &oracle->rows[rows[k]][column]) == 0;
        distinct += !seen;
        values++;
        sum += cell->number;
        int sign = best.is_null ? 0 : cell_compare(cell, &best);
        if (best.is_null || (what == MIN ? sign < 0 : sign > 0))
            best = *cell;
    }
    switch (what) {
    case MIN:
    case MAX:
        return best;
    case ROWS:
        return (struct cell){ .number = count };
    case COUNTDISTINCT:
        return (struct cell){ .number = distinct };
    default:
        return (struct cell){ .is_null = !values,
                              .number = what == SUM || !values ? sum : sum / values };
    }
}

static double number_of(const char *text)
{
    if (strcmp(text, "true") == 0)
        return 1;
    return strcmp(text, "false") == 0 ? 0 : strtod(text, NULL);
}

static bool is_same(const struct cell *cell, const char *text)
{
    if (cell->is_null || !text)
        return cell->is_null == !text;
    if (cell->is_text) /* instants may differ in zeros at the end */
        return strncmp(cell->text, text, 19) == 0;
    double number = number_of(text);
    return cell->number == number || (isnan(cell->number) && isnan(number))
           || fabs(cell->number - number) < 1e-9;
}

/* The next row as text, by the types of the columns; NULL at the end. */
static const char **next_row(struct arena *scratch, const struct columns *columns)
{
    const struct db_value *row;
    size_t width;
    MUST(db_stream_next(db, scratch, &row, &width));
    if (!row)
        return NULL;
    ck_assert_uint_ge(width, columns->count);
    const char **texts = arena_array_of(scratch, const char *, columns->count);
    for (size_t i = 0; i < columns->count; i++)
        MUST(encode_value_text(scratch, &columns->list[i],
                               (struct row_value){ row[i].data, row[i].size }, &texts[i]));
    return texts;
}

static void check_row(const struct pipeline *pipeline, const char *const *texts,
                      const unsigned *rows, unsigned count)
{
    for (unsigned i = 0; i < pipeline->group_count; i++)
        ck_assert_msg(is_same(&oracle->rows[rows[0]][pipeline->groups[i]], texts[i]),
                      "%s: group %s", pipeline->text, texts[i] ? texts[i] : "null");
    for (unsigned i = 0; i < pipeline->value_count; i++) {
        struct cell cell = aggregate_of(pipeline->whats[i], pipeline->columns[i], rows, count);
        const char *text = texts[pipeline->group_count + i];
        ck_assert_msg(is_same(&cell, text), "%s: v%u is %s for %s%g", pipeline->text, i,
                      text ? text : "null", cell.is_null ? "null " : "", cell.number);
    }
}

static const struct query *parse(struct arena *scratch, const struct query_option *options,
                                 size_t count)
{
    struct query *query = NULL;
    struct problem *problem =
        query_parse(scratch, &oracle_columns, options, count, NULL, &query_default_limits, &query);
    ck_assert_msg(!problem, "%s: %s", options[0].value, problem ? problem->detail : "");
    return query;
}

static int64_t count_of(struct arena *scratch, const struct query *query)
{
    static const struct column column = { .name = "count", .type = COLUMN_INT64 };
    static const struct columns columns = { &column, 1 };
    struct db_query sql;
    int64_t count;
    MUST(query_count_sql(scratch, query, "rows", &sql));
    MUST(db_stream_begin(db, scratch, &sql));
    ck_assert(text_to_int64(next_row(scratch, &columns)[0], &count));
    db_stream_stop(db);
    return count;
}

START_TEST(aggregates_are_those_of_the_oracle)
{
    for (int turn = 0; turn < TURNS; turn++) {
        CLEANUP(arena_free_at) struct arena *scratch = arena_new(1 << 14);
        struct pipeline pipeline = random_pipeline(scratch);
        struct query_option option = { "$apply", pipeline.text };
        const struct query *query = parse(scratch, &option, 1);
        unsigned rows[ORACLE_ROWS];
        unsigned count = sorted_rows(&pipeline, rows);
        int64_t groups = count_of(scratch, query);
        struct db_query sql;
        MUST(query_sql(scratch, query, "rows", -1, NULL, false, false, &sql));
        MUST(db_stream_begin(db, scratch, &sql));
        unsigned at = 0;
        for (const char **texts; (texts = next_row(scratch, query_columns(query))); groups--) {
            unsigned end = pipeline.group_count ? at + 1 : count;
            while (end < count && compare_groups(&pipeline, rows[at], rows[end]) == 0)
                end++;
            ck_assert_msg(at < count || !pipeline.group_count, "%s: a row too many", pipeline.text);
            check_row(&pipeline, texts, rows + at, end - at);
            at = end;
        }
        ck_assert_msg(at == count && groups == 0, "%s: a row too few", pipeline.text);
    }
}
END_TEST

/* Filters, orders and pages over what was made, by numbers known to be right. */
START_TEST(pages_over_groups_give_every_group_once)
{
    for (int turn = 0; turn < TURNS / 8; turn++) {
        CLEANUP(arena_free_at) struct arena *scratch = arena_new(1 << 14);
        struct pipeline pipeline = random_pipeline(scratch);
        struct query_option options[] = {
            { "apply", pipeline.text },
            { "orderby", turn % 2 ? "v0 desc" : "v0" },
        };
        const struct query *query = parse(scratch, options, turn % 3 ? 2 : 1);
        const struct columns *order = query_order_columns(query);
        size_t selected = query_columns(query)->count;
        struct columns both = { NULL, selected + order->count };
        struct column *list = arena_array_of(scratch, struct column, both.count);
        memcpy(list, query_columns(query)->list, selected * sizeof *list);
        memcpy(list + selected, order->list, order->count * sizeof *list);
        both.list = list;
        int64_t seen = 0, page = 1 + oracle_random(oracle, 20), on_page;
        struct query_place place = { 0 };
        do {
            struct db_query sql;
            MUST(query_sql(scratch, query, "rows", page, seen ? &place : NULL, true, true, &sql));
            MUST(db_stream_begin(db, scratch, &sql));
            on_page = 0;
            for (const char **texts; (texts = next_row(scratch, &both)); on_page++)
                place = (struct query_place){ texts + selected, order->count };
            seen += on_page;
        } while (on_page == page);
        ck_assert_msg(seen == count_of(scratch, query), "%s by %s", pipeline.text,
                      options[1].value);
    }
}
END_TEST

/* Steps behind each other: one number, which Postgres itself gives for the SQL beside it. */
static const struct {
    const char *apply;
    const char *sql;
} steps[] = {
    { "filter(qty gt 0)/aggregate(qty with sum as n)", "SELECT sum(qty) FROM rows WHERE qty > 0" },
    { "groupby((name))/aggregate($count as n)",
      "SELECT count(*) FROM (SELECT DISTINCT name FROM rows) s" },
    { "groupby((name),aggregate(qty with max as q))/filter(q ge 3)/aggregate(q with sum as n)",
      "SELECT sum(q) FROM (SELECT max(qty) q FROM rows GROUP BY name) s WHERE q >= 3" },
    { "orderby(id desc)/top(5)/aggregate(id with sum as n)",
      "SELECT sum(id) FROM (SELECT id FROM rows ORDER BY id DESC LIMIT 5) s" },
    { "orderby(qty desc,name)/skip(10)/top(7)/aggregate(id with sum as n)",
      "SELECT sum(id) FROM (SELECT id FROM rows ORDER BY qty DESC NULLS LAST, name NULLS FIRST,"
      " id LIMIT 7 OFFSET 10) s" },
    { "top(20)/skip(5)/aggregate(id with sum as n)",
      "SELECT sum(id) FROM (SELECT id FROM rows ORDER BY id LIMIT 15 OFFSET 5) s" },
    { "compute(size mul 2 as double,length(code) as long)/filter(long ge 1)"
      "/aggregate(double add long with sum as n)",
      "SELECT sum(size * 2 + length(code)) FROM rows WHERE length(code) >= 1" },
    { "compute(year(sold_at) as y)/groupby((y))/aggregate($count as n)",
      "SELECT count(*) FROM (SELECT DISTINCT extract(year FROM sold_at AT TIME ZONE 'UTC')"
      " FROM rows) s" },
    { "aggregate(case(paid:1,true:0) with sum as n)",
      "SELECT count(*) FILTER (WHERE paid) FROM rows" },
    { "filter(id lt 0)/aggregate($count as n)", "SELECT 0" },
    { "filter(id lt 0)/groupby((name))/aggregate($count as n)", "SELECT 0" },
    { "groupby((open,paid),aggregate($count as c))/groupby((open),aggregate(c with min as m))"
      "/aggregate(m with sum as n)",
      "SELECT sum(m) FROM (SELECT min(c) m FROM (SELECT open, count(*) c FROM rows"
      " GROUP BY open, paid) s GROUP BY open) s" },
};

START_TEST(steps_follow_each_other)
{
    static const struct column column = { .name = "n", .type = COLUMN_INT64 };
    static const struct columns columns = { &column, 1 };
    struct query_option option = { "apply", steps[_i].apply };
    const struct query *query = parse(arena, &option, 1);
    const struct db_query plain = { arena_print(arena, "SELECT (%s)::int8", steps[_i].sql), NULL,
                                    0 };
    struct db_query sql;
    MUST(query_sql(arena, query, "rows", -1, NULL, false, false, &sql));
    MUST(db_stream_begin(db, arena, &sql));
    const char *found = next_row(arena, query_columns(query))[0];
    db_stream_stop(db);
    MUST(db_stream_begin(db, arena, &plain));
    const char *wanted = next_row(arena, &columns)[0];
    db_stream_stop(db);
    ck_assert_str_eq(found, wanted);
}
END_TEST

/* Added up in another order, such numbers give other last digits. */
START_TEST(sums_of_floating_point_are_the_same_in_whatever_order_rows_come)
{
    static const char *const orders[] = { "n", "n DESC", "md5(n::text)" };
    struct query_option option = {
        "apply", "groupby((paid),aggregate(weight with sum as a,weight mul 3 with "
                 "sum as b,weight with average as c))"
    };
    const struct query *query = parse(arena, &option, 1);
    const char *expected = NULL;
    for (size_t i = 0; i < COUNT(orders); i++) {
        struct db_query sql;
        const char *found = "";
        const char *from = arena_print(arena,
                                       "(SELECT n %% 3 = 0 AS paid, (1e6 / n)::float8 AS weight"
                                       " FROM generate_series(1, 5000) AS n ORDER BY %s) AS made",
                                       orders[i]);
        MUST(query_sql(arena, query, from, -1, NULL, false, false, &sql));
        MUST(db_stream_begin(db, arena, &sql));
        for (const char **texts; (texts = next_row(arena, query_columns(query)));)
            found =
                arena_print(arena, "%s %s %s %s %s", found, texts[0], texts[1], texts[2], texts[3]);
        expected = expected ? expected : found;
        ck_assert_str_eq(found, expected);
    }
}
END_TEST

static const struct test_case cases[] = {
    TEST(sums_of_floating_point_are_the_same_in_whatever_order_rows_come),
    TEST(aggregates_are_those_of_the_oracle),
    TEST(pages_over_groups_give_every_group_once),
    TEST_EACH(steps_follow_each_other, steps),
};
HARNESS_MAIN_WITH("apply", cases, connect_and_fill, disconnect)
