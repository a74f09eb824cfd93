#include "server/sandbox/lineage.h"
#include "tests/unit/test.h"

#include <string.h>

enum { ORDERS = 10, CUSTOMERS = 20, CLEAN = 30, DAILY = 40 };

/* clean: id, amount × 2, a name hidden; filtered by a day */
static const struct lineage_source clean_id[] = { { ORDERS, "id", LINEAGE_IDENTITY, false } };
static const struct lineage_source clean_amount[] = {
    { ORDERS, "amount", LINEAGE_TRANSFORMATION, false },
    { ORDERS, "currency", LINEAGE_CONDITIONAL, false },
};
static const struct lineage_source clean_name[] = {
    { CUSTOMERS, "name", LINEAGE_TRANSFORMATION, true },
};
static const struct lineage_source clean_whole[] = { { ORDERS, "day", LINEAGE_FILTER, false } };
static const struct lineage_column clean_columns[] = {
    { "id", clean_id, 1 },
    { "amount", clean_amount, 2 },
    { "name", clean_name, 1 },
    { NULL, clean_whole, 1 },
};
static const int64_t clean_relations[] = { ORDERS, CUSTOMERS };
static const struct lineage clean = { clean_columns, 4, clean_relations, 2, NULL };

/* daily: reads clean and orders itself */
static const struct lineage_source daily_total[] = {
    { CLEAN, "amount", LINEAGE_AGGREGATION, false },
    { ORDERS, "tax", LINEAGE_AGGREGATION, false },
};
static const struct lineage_source daily_name[] = { { CLEAN, "name", LINEAGE_IDENTITY, false } };
static const struct lineage_source daily_row[] = { { CLEAN, NULL, LINEAGE_TRANSFORMATION, false } };
static const struct lineage_source daily_whole[] = {
    { CLEAN, "amount", LINEAGE_SORT, false },
    { CLEAN, "id", LINEAGE_JOIN, false },
};
static const struct lineage_column daily_columns[] = {
    { "total", daily_total, 2 },
    { "name", daily_name, 1 },
    { "row", daily_row, 1 },
    { NULL, daily_whole, 2 },
};
static const int64_t daily_relations[] = { ORDERS, CLEAN };
static const struct lineage daily = { daily_columns, 4, daily_relations, 2, NULL };

static const char *text_of(struct arena *arena, const struct lineage_column *column)
{
    const char *text = "";
    for (size_t i = 0; i < column->source_count; i++) {
        const struct lineage_source *source = &column->sources[i];
        text = arena_print(arena, "%s%s%lld.%s %s%s", text, i ? ", " : "",
                           (long long)source->relation, source->column ? source->column : "*",
                           lineage_kind_name(source->kind), source->masked ? " masked" : "");
    }
    return text;
}

START_TEST(steps_are_stitched_to_the_inputs)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const struct lineage_step earlier[] = { { CLEAN, &clean } };
    struct lineage all;
    lineage_compose(arena, &daily, earlier, COUNT(earlier), &all);
    ck_assert_ptr_null(all.doubt);
    ck_assert_uint_eq(all.column_count, 4);
    ck_assert_str_eq(all.columns[0].name, "total");
    ck_assert_str_eq(text_of(arena, &all.columns[0]),
                     "10.amount AGGREGATION, 10.currency CONDITIONAL, 10.tax AGGREGATION");
    ck_assert_str_eq(text_of(arena, &all.columns[1]), "20.name TRANSFORMATION masked");
    ck_assert_str_eq(text_of(arena, &all.columns[2]),
                     "10.amount TRANSFORMATION, 10.currency CONDITIONAL, 10.id TRANSFORMATION, "
                     "20.name TRANSFORMATION masked");
    ck_assert_ptr_null(all.columns[3].name);
    ck_assert_str_eq(text_of(arena, &all.columns[3]),
                     "10.amount SORT, 10.currency SORT, 10.day FILTER, 10.id JOIN");
    ck_assert_uint_eq(all.relation_count, 2);
    ck_assert_int_eq(all.relations[0], ORDERS);
    ck_assert_int_eq(all.relations[1], CUSTOMERS);
}
END_TEST

START_TEST(a_step_that_reads_no_earlier_one_stays_as_it_is)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const struct lineage_step earlier[] = { { DAILY, &daily } };
    struct lineage all;
    lineage_compose(arena, &clean, earlier, COUNT(earlier), &all);
    for (size_t i = 0; i < clean.column_count; i++)
        ck_assert_str_eq(text_of(arena, &all.columns[i]), text_of(arena, &clean.columns[i]));
}
END_TEST

START_TEST(a_table_without_a_column_still_passes_what_decides)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    static const struct lineage_column counted[] = { { "n", NULL, 0 }, { NULL, NULL, 0 } };
    static const int64_t relations[] = { CLEAN };
    const struct lineage count = { counted, 2, relations, 1, NULL };
    const struct lineage_step earlier[] = { { CLEAN, &clean } };
    struct lineage all;
    lineage_compose(arena, &count, earlier, COUNT(earlier), &all);
    ck_assert_uint_eq(all.columns[0].source_count, 0);
    ck_assert_str_eq(text_of(arena, &all.columns[1]), "10.day FILTER");
    ck_assert_uint_eq(all.relation_count, 2);
}
END_TEST

START_TEST(a_doubt_about_a_step_is_one_about_the_next)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    static const struct lineage_column names[] = { { "id", NULL, 0 }, { NULL, NULL, 0 } };
    const struct lineage doubted = { names, 2, clean_relations, 2, "a reason" };
    const struct lineage_step earlier[] = { { CLEAN, &doubted } };
    struct lineage all;
    lineage_compose(arena, &daily, earlier, COUNT(earlier), &all);
    ck_assert_str_eq(all.doubt, "a reason");
    ck_assert_uint_eq(all.relation_count, 2);
    for (size_t i = 0; i < all.column_count; i++)
        ck_assert_uint_eq(all.columns[i].source_count, 0);
    ck_assert_str_eq(all.columns[0].name, "total");
}
END_TEST

START_TEST(kinds_have_the_names_of_openlineage)
{
    ck_assert(lineage_is_direct(LINEAGE_IDENTITY) && lineage_is_direct(LINEAGE_AGGREGATION));
    ck_assert(!lineage_is_direct(LINEAGE_JOIN) && !lineage_is_direct(LINEAGE_CONDITIONAL));
    ck_assert_str_eq(lineage_kind_name(LINEAGE_GROUP_BY), "GROUP_BY");
}
END_TEST

static const struct test_case cases[] = {
    TEST(steps_are_stitched_to_the_inputs),
    TEST(a_step_that_reads_no_earlier_one_stays_as_it_is),
    TEST(a_table_without_a_column_still_passes_what_decides),
    TEST(a_doubt_about_a_step_is_one_about_the_next),
    TEST(kinds_have_the_names_of_openlineage),
};
TEST_MAIN("lineage", cases)
