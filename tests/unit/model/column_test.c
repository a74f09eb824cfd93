#include "server/model/column.h"
#include "tests/unit/test.h"

static const struct column list[] = {
    { .name = "id", .type = COLUMN_INT64, .required = true, .key_position = 2 },
    { .name = "Id", .type = COLUMN_TEXT },
    { .name = "region", .type = COLUMN_TEXT, .required = true, .key_position = 1 },
    { .name = "amount", .type = COLUMN_DECIMAL, .precision = 12, .scale = 2 },
};
static const struct columns columns = { list, COUNT(list) };

static const struct {
    const char *name;
    bool caseless;
    int found; /* -1: none */
} names[] = {
    { "id", false, 0 },    { "Id", false, 1 },      { "ID", false, -1 },     { "ID", true, 0 },
    { "Id", true, 1 },     { "REGION", true, 2 },   { "REGION", false, -1 }, { "", true, -1 },
    { "regio", true, -1 }, { "regions", true, -1 },
};

START_TEST(a_column_is_found_by_its_name)
{
    const struct column *found = columns_find(&columns, names[_i].name, names[_i].caseless);
    ck_assert_ptr_eq(found, names[_i].found < 0 ? NULL : &list[names[_i].found]);
}
END_TEST

START_TEST(the_key_is_in_its_own_order)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    struct columns key = columns_key(arena, &columns);
    ck_assert_uint_eq(key.count, 2);
    ck_assert_str_eq(key.list[0].name, "region");
    ck_assert_str_eq(key.list[1].name, "id");
    struct columns keyless = { list + 3, 1 };
    ck_assert_uint_eq(columns_key(arena, &keyless).count, 0);
}
END_TEST

static const struct {
    struct column column;
    const char *sql;
    const char *name;
} types[] = {
    { { .type = COLUMN_BOOL }, "bool", "boolean" },
    { { .type = COLUMN_INT32 }, "int4", "integer" },
    { { .type = COLUMN_INT64 }, "int8", "integer" },
    { { .type = COLUMN_DECIMAL }, "numeric", "decimal" },
    { { .type = COLUMN_DECIMAL, .precision = 12, .scale = 2 }, "numeric(12,2)", "decimal" },
    { { .type = COLUMN_DECIMAL, .precision = 1000 }, "numeric(1000,0)", "decimal" },
    { { .type = COLUMN_DOUBLE }, "float8", "number" },
    { { .type = COLUMN_TEXT }, "text", "text" },
    { { .type = COLUMN_DATE }, "date", "date" },
    { { .type = COLUMN_TIME }, "time", "time" },
    { { .type = COLUMN_TIMESTAMP }, "timestamptz", "timestamp" },
    { { .type = COLUMN_UUID }, "uuid", "uuid" },
    { { .type = COLUMN_BYTES }, "bytea", "bytes" },
    { { .type = COLUMN_JSON }, "jsonb", "json" },
};

START_TEST(a_type_has_its_sql_and_its_name)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    ck_assert_str_eq(column_sql_type(arena, &types[_i].column), types[_i].sql);
    ck_assert_str_eq(column_type_name(types[_i].column.type), types[_i].name);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_column_is_found_by_its_name, names),
    TEST(the_key_is_in_its_own_order),
    TEST_EACH(a_type_has_its_sql_and_its_name, types),
};
TEST_MAIN("column", cases)
