#include "server/db/params.h"
#include "tests/unit/test.h"

#include <string.h>

static struct arena *arena;

static void setup(void)
{
    arena = arena_new(4096);
}

static void teardown(void)
{
    arena_free(arena);
}

/* The binary forms of the protocol, byte by byte. */
static const struct {
    struct db_param in;
    Oid type;
    int size;
    const char *bytes;
} binary[] = {
    { { .type = DB_BOOL, .boolean = true }, 16, 1, "\1" },
    { { .type = DB_BOOL, .boolean = false }, 16, 1, "\0" },
    { { .type = DB_INT32, .integer = 1 }, 23, 4, "\0\0\0\1" },
    { { .type = DB_INT32, .integer = INT32_MIN }, 23, 4, "\x80\0\0\0" },
    { { .type = DB_INT64, .integer = -2 }, 20, 8, "\xff\xff\xff\xff\xff\xff\xff\xfe" },
    { { .type = DB_DOUBLE, .real = 1.0 }, 701, 8, "\x3f\xf0\0\0\0\0\0\0" },
    { { .type = DB_BYTES, .bytes = { "a\0b", 3 } }, 17, 3, "a\0b" },
    { { .type = DB_TIME, .integer = PARAMS_EPOCH_US }, 1184, 8, "\0\0\0\0\0\0\0\0" },
    { { .type = DB_TIME, .integer = PARAMS_EPOCH_US + 258 }, 1184, 8, "\0\0\0\0\0\0\1\2" },
    { { .type = DB_TIME, .integer = INT64_MAX }, 1184, 8, "\x7f\xff\xff\xff\xff\xff\xff\xff" },
    { { .type = DB_TIME, .integer = INT64_MIN }, 1184, 8, "\x80\0\0\0\0\0\0\0" },
};

START_TEST(a_value_has_the_bytes_of_the_protocol)
{
    struct params params;
    params_encode(arena, &binary[_i].in, 1, &params);
    ck_assert_int_eq(params.count, 1);
    ck_assert_uint_eq(params.types[0], binary[_i].type);
    ck_assert_int_eq(params.formats[0], 1);
    ck_assert_int_eq(params.lengths[0], binary[_i].size);
    ck_assert_mem_eq(params.values[0], binary[_i].bytes, (size_t)binary[_i].size);
}
END_TEST

START_TEST(text_and_json_travel_as_text)
{
    const struct db_param in[] = { db_text("é"), db_json("{}"), db_text("") };
    struct params params;
    params_encode(arena, in, COUNT(in), &params);
    for (size_t i = 0; i < COUNT(in); i++) {
        ck_assert_int_eq(params.formats[i], 0);
        ck_assert_str_eq(params.values[i], in[i].text);
    }
    ck_assert_uint_eq(params.types[0], 25);
    ck_assert_uint_eq(params.types[1], 3802);
}
END_TEST

START_TEST(null_is_null_in_every_type_and_empty_bytes_are_not)
{
    for (int type = DB_BOOL; type <= DB_INT64_ARRAY; type++) {
        const struct db_param in[] = { db_null((enum db_type)type) };
        struct params params;
        params_encode(arena, in, 1, &params);
        ck_assert_ptr_null(params.values[0]);
        ck_assert_uint_ne(params.types[0], 0);
    }
    const struct db_param in[] = { db_text(NULL), db_json(NULL), db_texts(NULL),
                                   db_bytes(NULL, 0) };
    struct params params;
    params_encode(arena, in, COUNT(in), &params);
    ck_assert_ptr_null(params.values[0]);
    ck_assert_ptr_null(params.values[1]);
    ck_assert_ptr_null(params.values[2]);
    ck_assert_ptr_nonnull(params.values[3]);
    ck_assert_int_eq(params.lengths[3], 0);
}
END_TEST

START_TEST(arrays_have_the_bytes_of_the_protocol)
{
    static const char two_texts[] = "\0\0\0\1\0\0\0\0\0\0\0\x19\0\0\0\2\0\0\0\1"
                                    "\0\0\0\2ab\0\0\0\0";
    static const char one_number[] = "\0\0\0\1\0\0\0\0\0\0\0\x14\0\0\0\1\0\0\0\1"
                                     "\0\0\0\x8\0\0\0\0\0\0\0\7";
    static const char nothing[] = "\0\0\0\0\0\0\0\0\0\0\0\x14";
    static const char *const texts[] = { "ab", "", NULL };
    static const int64_t numbers[] = { 7 };
    const struct db_param in[] = { db_texts(texts), db_int64s(numbers, 1), db_int64s(NULL, 0) };
    struct params params;
    params_encode(arena, in, COUNT(in), &params);
    ck_assert_int_eq(params.lengths[0], sizeof two_texts - 1);
    ck_assert_mem_eq(params.values[0], two_texts, sizeof two_texts - 1);
    ck_assert_int_eq(params.lengths[1], sizeof one_number - 1);
    ck_assert_mem_eq(params.values[1], one_number, sizeof one_number - 1);
    ck_assert_int_eq(params.lengths[2], sizeof nothing - 1);
    ck_assert_mem_eq(params.values[2], nothing, sizeof nothing - 1);
}
END_TEST

START_TEST(no_parameters_need_no_memory)
{
    struct params params;
    params_encode(arena, NULL, 0, &params);
    ck_assert_int_eq(params.count, 0);
    ck_assert_ptr_null(params.values);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_value_has_the_bytes_of_the_protocol, binary),
    TEST(text_and_json_travel_as_text),
    TEST(null_is_null_in_every_type_and_empty_bytes_are_not),
    TEST(arrays_have_the_bytes_of_the_protocol),
    TEST(no_parameters_need_no_memory),
};

int main(void)
{
    return test_run_with("params", cases, COUNT(cases), setup, teardown);
}
