/*
 * Lineage against Postgres itself: lineage/shapes.txt has queries and what is expected of each.
 *
 * Meson runs this program with each Postgres that is there: $ENTREPOT_POSTGRES_BIN names one.
 */
#include "probe_support.h"
#include "server/base/buffer.h"
#include "server/base/text.h"
#include "server/sandbox/lineage.h"
#include "tests/db/db/support.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_SHAPES 400

static const char tables[] =
    "SET search_path = public;"
    "CREATE TABLE customers (id bigint PRIMARY KEY, name text, country text, email text);"
    "CREATE TABLE dropped (a int, b int, c int); ALTER TABLE dropped DROP COLUMN b;"
    "CREATE TABLE items (order_id bigint, sku text, price numeric, qty int);"
    "CREATE VIEW names AS SELECT name AS n FROM customers WHERE country = 'FR';"
    "CREATE TABLE odd (\"Odd (name) {x}\" text);"
    "CREATE TABLE orders (id bigint, customer_id bigint, amount numeric(12,2), day date, note text,"
    " tags jsonb, qty int);"
    "CREATE TABLE data.s_41 (LIKE orders); CREATE TABLE data.s_42 (LIKE orders);"
    "CREATE TABLE tree (id int, parent int, label text);";

struct shape {
    const char *title;
    int64_t from;
    char *sql;
    char *expected;
};

/* Read once, before Check forks. */
static struct shape shapes[MOST_SHAPES];
static int shape_count;
static char *shapes_text;

static struct arena *arena;
static struct db *db;

static void setup(void)
{
    arena = arena_new(64 * 1024);
    db = db_open(harness_database(arena_print(arena, "lineage_%d", (int)getpid())), "lineage test");
    MUST(db_run(db, arena, tables));
}

static void teardown(void)
{
    db_close(db);
    arena_free(arena);
}

/* --- the data file --------------------------------------------------------------------------- */

static void append(char **text, const char *line)
{
    size_t size = *text ? strlen(*text) : 0;
    size_t more = strlen(line);
    *text = realloc(*text, size + more + 2);
    if (!*text)
        abort();
    memcpy(*text + size, line, more);
    memcpy(*text + size + more, "\n", 2);
}

static void read_shapes(const char *folder)
{
    char path[4096];
    size_t size = 0;
    (void)snprintf(path, sizeof path, "%s/sandbox/lineage/shapes.txt", folder);
    FILE *file = fopen(path, "r");
    if (!file || getdelim(&shapes_text, &size, '\0', file) < 0) {
        printf("Bail out! %s cannot be read\n", path);
        exit(EXIT_FAILURE);
    }
    (void)fclose(file);
    char *rest = shapes_text;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        if (text_starts(line, "# ") && shape_count < MOST_SHAPES) {
            char *from = strstr(line, " | from ");
            if (from && !text_to_int64(from + strlen(" | from "), &shapes[shape_count].from)) {
                printf("Bail out! no version of Postgres: %s\n", line);
                exit(EXIT_FAILURE);
            }
            shapes[shape_count++].title = line + 2;
        } else if (line[0] && shape_count) {
            struct shape *shape = &shapes[shape_count - 1];
            append(text_starts(line, "  ") ? &shape->expected : &shape->sql, line);
        }
    }
}

static void free_shapes(void)
{
    for (int i = 0; i < shape_count; i++) {
        free(shapes[i].sql);
        free(shapes[i].expected);
    }
    free(shapes_text);
}

/* --- lineage as text ------------------------------------------------------------------------- */

static const char *table_name(int64_t relation)
{
    static const struct db_field fields[] = { { "name", DB_TEXT, false } };
    static const enum db_type params[] = { DB_INT64 };
    STATEMENT(name_of, DB_ROWS_ONE, params, fields,
              "SELECT relname::text AS name FROM pg_class WHERE oid = $1::int8");
    const char *name;
    const struct db_param in[] = { db_int64(relation) };
    const struct db_column out[] = { db_to_text(&name) };
    MUST(db_one(db, arena, &name_of, in, COUNT(in), out, COUNT(out)));
    return name;
}

static void write_column(struct buffer *out, const struct lineage_column *column)
{
    buffer_print(out, "  %s =", column->name ? column->name : "*");
    for (size_t i = 0; i < column->source_count; i++) {
        const struct lineage_source *source = &column->sources[i];
        buffer_print(out, "%s %s.%s %s%s", i ? "," : "", table_name(source->relation),
                     source->column ? source->column : "(whole row)",
                     lineage_kind_name(source->kind), source->masked ? " masked" : "");
    }
    buffer_add_char(out, '\n');
}

static const char *written(struct buffer *out, const struct lineage *lineage)
{
    buffer_reset(out);
    if (lineage->doubt)
        buffer_print(out, "  doubt: %s\n", lineage->doubt);
    for (size_t i = 0; i < lineage->column_count; i++)
        write_column(out, &lineage->columns[i]);
    buffer_add_text(out, "  tables =");
    for (size_t i = 0; i < lineage->relation_count; i++)
        buffer_print(out, "%s %s", i ? "," : "", table_name(lineage->relations[i]));
    buffer_add_char(out, '\n');
    return buffer_text(out);
}

static void read_lineage(const char *sql, struct probe *out_probe, struct lineage *out_lineage)
{
    MUST(probe_any(db, arena, sql, out_probe));
    lineage_of(arena, out_probe, out_lineage);
}

/* --- tests ----------------------------------------------------------------------------------- */

START_TEST(every_shape_has_the_lineage_worked_out_by_hand)
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    struct probe probe;
    struct lineage lineage;
    int failed = 0;
    for (int i = 0; i < shape_count; i++) {
        if (shapes[i].from > support_number(
                db, arena, "SELECT current_setting('server_version_num')::int8 / 10000"))
            continue;
        read_lineage(shapes[i].sql, &probe, &lineage);
        if (strcmp(written(&text, &lineage), shapes[i].expected) == 0)
            continue;
        failed++;
        fprintf(stderr, "%s: expected\n%sgot\n%s", shapes[i].title, shapes[i].expected,
                buffer_text(&text));
    }
    ck_assert_int_ge(shape_count, 60);
    ck_assert_int_eq(failed, 0);
}
END_TEST

static void expect_doubt(const struct probe *probe, const char *why)
{
    struct lineage lineage;
    lineage_of(arena, probe, &lineage);
    ck_assert_str_eq(lineage.doubt, why);
    ck_assert_uint_eq(lineage.column_count, 3);
    ck_assert_str_eq(lineage.columns[1].name, "twice");
    for (size_t i = 0; i < lineage.column_count; i++)
        ck_assert_uint_eq(lineage.columns[i].source_count, 0);
    ck_assert_uint_ge(lineage.relation_count, 1);
}

START_TEST(what_pg_depend_does_not_say_too_is_told_by_table_only)
{
    struct probe probe;
    struct lineage lineage;
    read_lineage("SELECT id, amount * 2 AS twice FROM orders WHERE qty > 0", &probe, &lineage);
    ck_assert_ptr_null(lineage.doubt);
    ck_assert_uint_eq(probe.use_count, 3);
    probe.use_count--;
    expect_doubt(&probe, "the tree has a column that pg_depend does not have");
    struct probe_use uses[4];
    memcpy(uses, probe.uses, sizeof *uses * 3);
    probe.uses = uses;
    probe.use_count = 4;
    uses[3] = (struct probe_use){ uses[0].relation, 5, "note" };
    expect_doubt(&probe, "pg_depend has a column that the tree does not have");
    uses[3] = (struct probe_use){ uses[0].relation + 1, 0, NULL };
    expect_doubt(&probe, "pg_depend and the tree read different tables");
}
END_TEST

/* As many times the same text as fit into a step. */
static const char *repeated(const char *before, const char *text, int times, const char *after)
{
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    buffer_add_text(&sql, before);
    for (int i = 0; i < times; i++)
        buffer_print(&sql, text, i, i);
    buffer_add_text(&sql, after);
    return arena_copy(arena, sql.data, sql.size);
}

START_TEST(a_thousand_columns_are_no_trouble)
{
    struct probe probe;
    struct lineage lineage;
    MUST(db_run(db, arena, repeated("CREATE TABLE wide (c int", ", c%d int", 1000, ")")));
    read_lineage(repeated("SELECT c", ", c%d + c AS d%d", 1000, " FROM wide WHERE c > 0"), &probe,
                 &lineage);
    ck_assert_ptr_null(lineage.doubt);
    ck_assert_uint_eq(lineage.column_count, 1002);
    ck_assert_uint_eq(lineage.columns[999].source_count, 2);
}
END_TEST

START_TEST(what_is_made_to_take_forever_is_given_up)
{
    struct probe probe;
    struct lineage lineage;
    MUST(db_run(db, arena, repeated("CREATE TABLE wide (c int", ", c%d int", 1000, ")")));
    const char *with = repeated("WITH x0 AS (SELECT to_jsonb(w) AS j", ", to_jsonb(w) AS j%d", 400,
                                " FROM wide w)");
    read_lineage(arena_print(arena, "%s%s", with,
                             repeated("SELECT 1 AS one", ", to_jsonb(x0) AS k%d", 400, " FROM x0")),
                 &probe, &lineage);
    ck_assert_str_eq(lineage.doubt, "there are too many sources to tell them by column");
    ck_assert_uint_eq(lineage.relation_count, 1);
}
END_TEST

START_TEST(deep_and_long_queries_are_read)
{
    static const struct {
        const char *before, *text;
        int times;
        const char *after;
    } queries[] = {
        { "SELECT id", " + 1", 400, " AS n FROM orders" },
        { "WITH x AS (SELECT id FROM orders)", ", x%d AS (SELECT id FROM x)", 800,
          " SELECT id FROM x7" },
        { "SELECT id FROM orders", " UNION ALL SELECT id FROM orders", 500, "" },
        { "SELECT a.id FROM orders a", " JOIN orders b%d USING (id)", 200, "" },
    };
    for (size_t i = 0; i < COUNT(queries); i++) {
        struct probe probe;
        struct lineage lineage;
        read_lineage(
            repeated(queries[i].before, queries[i].text, queries[i].times, queries[i].after),
            &probe, &lineage);
        ck_assert_ptr_null(lineage.doubt);
        ck_assert_uint_eq(lineage.columns[0].source_count, 1);
    }
    const char *inner = "SELECT id FROM orders";
    for (int i = 0; i < 200; i++)
        inner = arena_print(arena, "SELECT id FROM (%s) q%d", inner, i);
    struct probe probe;
    struct lineage lineage;
    read_lineage(inner, &probe, &lineage);
    ck_assert_ptr_null(lineage.doubt);
    ck_assert_uint_eq(lineage.columns[0].source_count, 1);
}
END_TEST

static const struct test_case cases[] = {
    TEST(every_shape_has_the_lineage_worked_out_by_hand),
    TEST(what_pg_depend_does_not_say_too_is_told_by_table_only),
    TEST(a_thousand_columns_are_no_trouble),
    TEST(what_is_made_to_take_forever_is_given_up),
    TEST(deep_and_long_queries_are_read),
};

/* A server of another version may be where the user of the cluster cannot go. */
static bool can_be_run(const char *folder)
{
    char path[4096];
    struct stat about;
    (void)snprintf(path, sizeof path, "%s/postgres", folder);
    if (access(path, X_OK))
        return false;
    for (char *end = strrchr(path, '/'); getuid() == 0 && end && end > path;
         end = strrchr(path, '/')) {
        *end = '\0';
        if (stat(path, &about) || !(about.st_mode & S_IXOTH))
            return false;
    }
    return true;
}

int main(void)
{
    const char *folder = getenv("ENTREPOT_POSTGRES_BIN");
    if (folder && !can_be_run(folder)) {
        printf("1..0 # SKIP no Postgres in %s\n", folder);
        return EXIT_SUCCESS;
    }
    read_shapes(getenv("ENTREPOT_DB_TESTS"));
    struct harness *harness = harness_start();
    int failed = test_run_with("lineage", cases, COUNT(cases), setup, teardown);
    harness_stop(harness);
    free_shapes();
    return failed;
}
