#include "server/db/lane_statements.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

static struct lane_statements *statements;

static void setup(void)
{
    statements = lane_statements_new();
}

static void teardown(void)
{
    lane_statements_free(statements);
}

static Oid numbers[] = { 20, 20 };
static Oid words[] = { 25, 25 };
static const struct params none = { 0 };
static const struct params one_number = { .count = 1, .types = numbers };
static const struct params two_numbers = { .count = 2, .types = numbers };
static const struct params one_word = { .count = 1, .types = words };

static struct lane_statement *find(int i)
{
    char text[32];
    (void)snprintf(text, sizeof text, "SELECT %d", i);
    return lane_statements_find(statements, text, &none);
}

START_TEST(a_text_is_found_again_with_its_types_only)
{
    const char *text = "SELECT $1";
    struct lane_statement *first = lane_statements_find(statements, text, &one_number);
    char copy[16];
    (void)snprintf(copy, sizeof copy, "%s", text);
    ck_assert_uint_eq(first->number, 0);
    lane_statements_number(statements, first);
    ck_assert_ptr_eq(lane_statements_find(statements, copy, &one_number), first);
    ck_assert_ptr_ne(lane_statements_find(statements, text, &one_word), first);
    ck_assert_ptr_ne(lane_statements_find(statements, text, &two_numbers), first);
    ck_assert_ptr_ne(lane_statements_find(statements, "SELECT $2", &one_number), first);
    ck_assert_int_eq(statements->count, 4);
}
END_TEST

START_TEST(the_one_not_used_for_longest_makes_room_and_is_to_be_dropped)
{
    for (int i = 0; i < LANE_STATEMENTS; i++)
        lane_statements_number(statements, find(i));
    uint32_t number_of_one = find(1)->number;
    (void)find(0); /* so 2 is the oldest after 1 was looked at */
    uint32_t number_of_two = statements->list[2].number;
    ck_assert_uint_eq(find(LANE_STATEMENTS)->number, 0);
    ck_assert_uint_eq(lane_statements_next_drop(statements), number_of_two);
    ck_assert_uint_eq(lane_statements_next_drop(statements), 0);
    ck_assert_uint_eq(find(1)->number, number_of_one);
    ck_assert_int_eq(statements->count, LANE_STATEMENTS);
}
END_TEST

START_TEST(what_is_in_flight_stays)
{
    for (int i = 0; i < LANE_STATEMENTS; i++)
        find(i)->flights = 1;
    ck_assert_ptr_null(find(LANE_STATEMENTS));
    find(7)->flights = 0;
    ck_assert_ptr_eq(find(LANE_STATEMENTS), &statements->list[7]);
    ck_assert_uint_eq(lane_statements_next_drop(statements), 0); /* it never was prepared */
}
END_TEST

START_TEST(many_texts_in_and_out_are_always_found_right)
{
    for (int i = 0; i < 10000; i++) {
        struct lane_statement *statement = find(i);
        char text[32];
        (void)snprintf(text, sizeof text, "SELECT %d", i);
        ck_assert_str_eq(statement->text, text);
        lane_statements_number(statements, statement);
        ck_assert_ptr_eq(find(i), statement);
        ck_assert_ptr_eq(find(i - i % 100), find(i - i % 100));
        while (lane_statements_next_drop(statements))
            continue;
    }
}
END_TEST

START_TEST(an_expired_one_is_dropped_only_where_it_exists)
{
    struct lane_statement *statement = find(1);
    lane_statements_number(statements, statement);
    lane_statements_expire(statements, statement, false);
    ck_assert_uint_eq(statement->number, 0);
    ck_assert_uint_eq(lane_statements_next_drop(statements), 0);
    lane_statements_number(statements, statement);
    uint32_t number = statement->number;
    ck_assert_uint_eq(number, 2); /* names are not given twice */
    lane_statements_expire(statements, statement, true);
    ck_assert_uint_eq(lane_statements_next_drop(statements), number);
}
END_TEST

START_TEST(a_name_fits_the_largest_number)
{
    char name[LANE_NAME_BYTES];
    ck_assert_str_eq(lane_statements_name(UINT32_MAX, name), "l4294967295");
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_text_is_found_again_with_its_types_only),
    TEST(the_one_not_used_for_longest_makes_room_and_is_to_be_dropped),
    TEST(what_is_in_flight_stays),
    TEST(many_texts_in_and_out_are_always_found_right),
    TEST(an_expired_one_is_dropped_only_where_it_exists),
    TEST(a_name_fits_the_largest_number),
};

int main(void)
{
    return test_run_with("lane_statements", cases, sizeof(cases) / sizeof((cases)[0]), setup,
                         teardown);
}
