/* Random queries against a real Postgres: the rows must be those the oracle names. */
#include "oracle.h"
#include "server/formats/encoder.h"
#include "server/query/query.h"
#include "tests/db/db/support.h"

#include <stdio.h>
#include <string.h>

#define FILTERS 1500
#define ORDERS 60

static struct db *db;
static struct arena *arena;
static struct oracle *oracle;

static void connect_and_fill(void)
{
    arena = arena_new(1 << 16);
    db = db_open(harness_conninfo(), "test");
    oracle = oracle_new(arena, 20261120);
    MUST(db_run(db, arena, oracle_create_sql()));
    MUST(db_run(db, arena, oracle_insert_sql(oracle)));
}

static void disconnect(void)
{
    db_close(db);
    arena_free(arena);
}

static struct query *parse(struct arena *scratch, const struct query_option *options, size_t count,
                           const struct columns *columns)
{
    struct query *query = NULL;
    struct problem *problem =
        query_parse(scratch, columns, options, count, NULL, &query_default_limits, &query);
    ck_assert_msg(!problem, "%s: %s", options[0].value, problem ? problem->detail : "");
    return query;
}

static int64_t integer_of(struct db_value value)
{
    uint64_t number = 0;
    ck_assert_int_eq(value.size, 8);
    for (int i = 0; i < 8; i++)
        number = number << 8 | (unsigned char)value.data[i];
    return (int64_t)number;
}

/* Run a query whose first column is id: the ids in order, and the place of the last row. */
static size_t run(struct arena *scratch, const struct query *query, int64_t limit,
                  const struct query_place *place, bool with_place, int64_t *ids, size_t capacity,
                  struct query_place *out_place)
{
    struct db_query sql;
    const struct db_value *row;
    size_t width, count = 0;
    const struct columns *columns = query_order_columns(query);
    size_t selected = query_columns(query)->count;
    MUST(query_sql(scratch, query, "rows", limit, place, with_place, true, &sql));
    MUST(db_stream_begin(db, scratch, &sql));
    for (;;) {
        struct problem *problem = db_stream_next(db, scratch, &row, &width);
        ck_assert_msg(!problem, "%s: %s", sql.text,
                      problem && problem->cause ? problem->cause : "");
        if (!row)
            return count;
        ck_assert_uint_lt(count, capacity);
        ids[count++] = integer_of(row[0]);
        if (!with_place)
            continue;
        ck_assert_uint_eq(width, selected + columns->count);
        const char **values = arena_array_of(scratch, const char *, columns->count);
        for (size_t i = 0; i < columns->count; i++) {
            struct row_value value = { row[selected + i].data, row[selected + i].size };
            MUST(encode_value_text(scratch, &columns->list[i], value, &values[i]));
        }
        *out_place = (struct query_place){ values, columns->count };
    }
}

START_TEST(filters_give_the_rows_of_the_oracle)
{
    for (int turn = 0; turn < FILTERS; turn++) {
        CLEANUP(arena_free_at) struct arena *scratch = arena_new(1 << 14);
        const struct condition *condition = oracle_condition(oracle, 3);
        struct query_option options[] = { { "filter", condition_text(oracle, condition) },
                                          { "select", "id" } };
        const struct query *query = parse(scratch, options, 2, &oracle_columns);
        int64_t ids[ORACLE_ROWS];
        size_t count = run(scratch, query, -1, NULL, false, ids, ORACLE_ROWS, NULL);
        size_t found = 0;
        for (int row = 0; row < ORACLE_ROWS; row++) {
            bool given = found < count && ids[found] == row;
            found += given;
            ck_assert_msg(given == condition_holds(condition, oracle->rows[row]),
                          "row %d is %s by %s", row, given ? "given" : "left out",
                          options[0].value);
        }
        ck_assert_uint_eq(found, count);
    }
}
END_TEST

/* A random order of one to four columns: its text, and its columns. */
struct random_order {
    unsigned columns[4];
    bool descending[4];
    unsigned count;
    const char *text;
};

static struct random_order random_order(struct arena *scratch)
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    struct random_order order = { .count = 1 + oracle_random(oracle, 4) };
    for (unsigned i = 0; i < order.count; i++) {
        order.columns[i] = oracle_random(oracle, ORACLE_COLUMNS);
        order.descending[i] = oracle_random(oracle, 2);
        for (unsigned k = 0; k < i; k++) /* said again, it counts for nothing */
            if (order.columns[k] == order.columns[i])
                order.descending[i] = order.descending[k];
        buffer_print(&text, "%s%s%s", i ? "," : "", oracle_columns.list[order.columns[i]].name,
                     order.descending[i] ? " desc" : "");
    }
    order.text = arena_copy(scratch, text.data, text.size);
    return order;
}

static int compare_rows(const struct random_order *order, int64_t left, int64_t right)
{
    for (unsigned i = 0; i < order->count; i++) {
        int sign = cell_compare(&oracle->rows[left][order->columns[i]],
                                &oracle->rows[right][order->columns[i]]);
        if (sign)
            return order->descending[i] ? -sign : sign;
    }
    return left < right ? -1 : left > right;
}

/* Read page by page, through a token each time, and compare with the rows read at once. */
static void read_pages(struct arena *scratch, const struct query *query, const char *order,
                       const int64_t *whole, size_t total)
{
    static const char key[] = "key of the test";
    struct query_place place = { 0 };
    size_t seen = 0;
    for (bool first = true;; first = false) {
        int64_t page[ORACLE_ROWS];
        int64_t size = 1 + oracle_random(oracle, 40);
        size_t count =
            run(scratch, query, size, first ? NULL : &place, true, page, COUNT(page), &place);
        ck_assert_uint_le(seen + count, total);
        for (size_t i = 0; i < count; i++)
            ck_assert_msg(page[i] == whole[seen + i], "page of %s: row %lld for %lld", order,
                          (long long)page[i], (long long)whole[seen + i]);
        seen += count;
        if ((int64_t)count < size)
            break;
        int64_t snapshot, remaining;
        const char *token = query_token_make(scratch, key, sizeof key, 1, -1, query, &place);
        MUST(query_token_open(scratch, key, sizeof key, token, query, &snapshot, &remaining,
                              &place));
    }
    ck_assert_uint_eq(seen, total);
}

START_TEST(pages_of_any_order_give_every_row_once)
{
    for (int turn = 0; turn < ORDERS; turn++) {
        CLEANUP(arena_free_at) struct arena *scratch = arena_new(1 << 14);
        struct random_order order = random_order(scratch);
        struct query_option options[] = {
            { "orderby", order.text },
            { "select", "id" },
            { "filter", condition_text(oracle, oracle_condition(oracle, 1)) },
        };
        const struct query *query = parse(scratch, options, turn % 2 ? 3 : 2, &oracle_columns);
        int64_t whole[ORACLE_ROWS];
        size_t total = run(scratch, query, -1, NULL, false, whole, COUNT(whole), NULL);
        for (size_t i = 1; i < total; i++)
            ck_assert_msg(compare_rows(&order, whole[i - 1], whole[i]) < 0,
                          "%s: row %lld before %lld", order.text, (long long)whole[i - 1],
                          (long long)whole[i]);
        read_pages(scratch, query, order.text, whole, total);
    }
}
END_TEST

/* The same columns without a key. */
static struct columns keyless(struct arena *scratch)
{
    struct column *list = arena_array_of(scratch, struct column, ORACLE_COLUMNS);
    memcpy(list, oracle_columns.list, ORACLE_COLUMNS * sizeof *list);
    list[0].key_position = 0;
    return (struct columns){ list, ORACLE_COLUMNS };
}

START_TEST(pages_without_a_key_give_every_row_once)
{
    for (int turn = 0; turn < ORDERS / 4; turn++) {
        CLEANUP(arena_free_at) struct arena *scratch = arena_new(1 << 14);
        struct columns columns = keyless(scratch);
        struct random_order order = random_order(scratch);
        struct query_option options[] = { { "orderby", order.text }, { "select", "id" } };
        const struct query *query = parse(scratch, options, 2, &columns);
        int64_t whole[ORACLE_ROWS];
        size_t total = run(scratch, query, -1, NULL, false, whole, COUNT(whole), NULL);
        ck_assert_uint_eq(total, ORACLE_ROWS);
        read_pages(scratch, query, order.text, whole, total);
    }
}
END_TEST

/* Literals at the ends of their types: Postgres must not fail, whatever it finds. */
static const struct {
    const char *filter;
    size_t rows;
} edges[] = {
    { "size lt 9223372036854775808", ORACLE_ROWS },
    { "id lt 99999999999999999999999999999", ORACLE_ROWS },
    { "id gt -99999999999999999999999999999.5", ORACLE_ROWS },
    { "id ge -9223372036854775808", ORACLE_ROWS },
    { "id in (99999999999999999999)", 0 },
    { "size lt 2147483648", ORACLE_ROWS },
    { "size eq 2147483648", 0 },
    { "amount eq 1e-999", 0 },
    { "amount eq 1e999", 0 },
    { "amount gt -INF or amount eq null", ORACLE_ROWS },
    { "price eq 1e308", 0 },
    { "price eq 4.9e-324", 0 },
    { "due eq 0001-01-01", 0 },
    { "due eq 9999-12-31", 0 },
    { "sold_at eq 0001-01-01T00:00:00Z", 0 },
    { "sold_at in (0001-01-01T00:00:00Z,9999-12-31T23:59:59.999999Z)", 0 },
    { "at eq 22:59:60.999999", 0 },
    { "id eq 7 and size lt 9", 1 },
    { "name eq '\\' or name eq '%' or name eq '\"'", 0 },
    { "1 eq 1", ORACLE_ROWS },
    { "'2026-01-01' lt 2026-01-02", ORACLE_ROWS },
    { "null", 0 },
    { "not null", 0 },
    { "true", ORACLE_ROWS },
};

START_TEST(literals_at_the_edge_are_no_trouble)
{
    struct query_option options[] = { { "filter", edges[_i].filter }, { "select", "id" } };
    const struct query *query = parse(arena, options, 2, &oracle_columns);
    int64_t ids[ORACLE_ROWS];
    size_t count = run(arena, query, -1, NULL, false, ids, ORACLE_ROWS, NULL);
    ck_assert_uint_eq(count, edges[_i].rows);
    struct db_query sql;
    MUST(query_count_sql(arena, query, "rows", &sql));
    const struct db_value *row;
    size_t width;
    MUST(db_stream_begin(db, arena, &sql));
    MUST(db_stream_next(db, arena, &row, &width));
    ck_assert_int_eq(integer_of(row[0]), (int64_t)count);
    db_stream_stop(db);
}
END_TEST

static const char *plan_of(const struct query *query, const struct query_place *place)
{
    CLEANUP(buffer_clear) struct buffer plan = { 0 };
    struct db_query sql;
    const struct db_value *row;
    size_t width;
    MUST(query_sql(arena, query, "rows", -1, place, false, query_has_order(query), &sql));
    sql.text = arena_print(arena, "EXPLAIN %s", sql.text);
    MUST(db_stream_begin(db, arena, &sql));
    for (;;) {
        MUST(db_stream_next(db, arena, &row, &width));
        if (!row)
            return arena_copy(arena, plan.data, plan.size);
        buffer_add(&plan, row[0].data, (size_t)row[0].size);
        buffer_add_char(&plan, '\n');
    }
}

START_TEST(an_index_serves_the_plain_cases)
{
    static const struct {
        const char *name;
        const char *value;
        const char *plan;
    } plans[] = {
        { "filter", "id eq 5", "rows_pkey" },
        { "filter", "id in (5,6)", "rows_pkey" },
        { "filter", "id gt 5 and id le 9", "rows_pkey" },
        { "orderby", "id desc", "Backward using rows_pkey" },
        { "filter", "code eq 'a'", "rows_code" },
        { "filter", "sold_at ge 2026-01-01T00:00:00Z", "rows_sold_at" },
        { "filter", "amount eq 1.5", "rows_amount" },
        { "filter", "amount eq 1", "rows_amount" },
        { "filter", "ref eq 0ae2f1b8-2ae2-4b7a-8f0e-1234567890ab", "rows_ref" },
        { "filter", "due in (2026-01-01,2026-01-02)", "rows_due" },
        { "orderby", "code", "rows_code" },
    };
    MUST(db_run(db, arena,
                "CREATE INDEX rows_code ON rows (code, id); CREATE INDEX rows_due ON rows (due);"
                "CREATE INDEX rows_sold_at ON rows (sold_at); CREATE INDEX rows_ref ON rows (ref);"
                "CREATE INDEX rows_amount ON rows (amount); ANALYZE rows;"
                "SET enable_seqscan = off; SET enable_sort = off"));
    for (size_t i = 0; i < COUNT(plans); i++) {
        struct query_option options[] = { { plans[i].name, plans[i].value },
                                          { "select", "weight" } };
        const struct query *query = parse(arena, options, 2, &oracle_columns);
        const char *plan = plan_of(query, NULL);
        ck_assert_msg(strstr(plan, plans[i].plan) != NULL, "%s: %s", plans[i].value, plan);
        ck_assert_msg(strstr(plan, "Seq Scan") == NULL, "%s: %s", plans[i].value, plan);
    }
    struct query_option pages[] = { { "orderby", "code" }, { "select", "weight" } };
    struct query_place place = { (const char *const[]){ "a", "41" }, 2 };
    const char *plan = plan_of(parse(arena, pages, 2, &oracle_columns), &place);
    ck_assert_msg(strstr(plan, "Index Cond: (ROW(code, id) > ROW(") != NULL, "%s", plan);
}
END_TEST

static const struct test_case cases[] = {
    TEST(filters_give_the_rows_of_the_oracle),
    TEST(pages_of_any_order_give_every_row_once),
    TEST(pages_without_a_key_give_every_row_once),
    TEST_EACH(literals_at_the_edge_are_no_trouble, edges),
    TEST(an_index_serves_the_plain_cases),
};
HARNESS_MAIN_WITH("query", cases, connect_and_fill, disconnect)
