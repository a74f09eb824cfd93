#include "server/formats/dictionary.h"
#include "tests/unit/test.h"

START_TEST(equal_values_have_one_number)
{
    static const struct {
        const char *text;
        int number;
        bool is_new;
    } values[] = {
        { "a", 0, true },
        { "b", 1, true },
        { "a", 0, false },
        { "", 2, true },
        { "", 2, false },
        { "ab", 3, true },
        { "a longer value", 4, true },
        { "ba", 5, true },
        { "b", 1, false },
        { "abc", 6, true },
        { "a longer value", 4, false },
    };
    struct dictionary dictionary = { 0 };
    for (size_t i = 0; i < COUNT(values); i++) {
        bool is_new;
        ck_assert_int_eq(
            dictionary_number(&dictionary, values[i].text, strlen(values[i].text), &is_new),
            values[i].number);
        ck_assert_int_eq(is_new, values[i].is_new);
    }
    ck_assert_uint_eq(dictionary.count, 7);
    ck_assert_mem_eq(dictionary.plain.data, "\1\0\0\0a\1\0\0\0b\0\0\0\0\2\0\0\0ab", 20);
    static const uint16_t numbers[] = { 3, 0, 2 };
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    dictionary_write(&dictionary, numbers, COUNT(numbers), &out);
    ck_assert_uint_eq(out.size, 15);
    ck_assert_mem_eq(out.data, "\2\0\0\0ab\1\0\0\0a\0\0\0\0", 15);
    dictionary_clear(&dictionary);
}
END_TEST

START_TEST(values_of_a_fixed_width_stand_without_a_size)
{
    struct dictionary dictionary = { .width = 4 };
    bool is_new;
    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 5000; i++)
            ck_assert_int_eq(dictionary_number(&dictionary, (const char *)&i, 4, &is_new), (int)i);
    ck_assert_uint_eq(dictionary.plain.size, 20000);
    dictionary_reset(&dictionary);
    uint32_t last = 4999;
    ck_assert_int_eq(dictionary_number(&dictionary, (const char *)&last, 4, &is_new), 0);
    ck_assert(is_new);
    dictionary_clear(&dictionary);
}
END_TEST

START_TEST(it_says_when_it_is_full)
{
    struct dictionary dictionary = { .width = 8 };
    bool is_new;
    uint64_t i = 0;
    while (dictionary_number(&dictionary, (const char *)&i, 8, &is_new) != DICTIONARY_FULL)
        i++;
    ck_assert_uint_eq(i, DICTIONARY_MOST);
    ck_assert(!is_new);
    i = 7; /* what is in it is still found */
    ck_assert_int_eq(dictionary_number(&dictionary, (const char *)&i, 8, &is_new), 7);
    dictionary_clear(&dictionary);

    struct dictionary of_text = { 0 };
    static char text[DICTIONARY_BYTES];
    ck_assert_int_eq(dictionary_number(&of_text, text, sizeof text, &is_new), DICTIONARY_FULL);
    ck_assert_int_eq(dictionary_number(&of_text, text, sizeof text - 4, &is_new), 0);
    ck_assert_int_eq(dictionary_number(&of_text, text, 1, &is_new), DICTIONARY_FULL);
    dictionary_clear(&of_text);
}
END_TEST

static const struct test_case cases[] = {
    TEST(equal_values_have_one_number),
    TEST(values_of_a_fixed_width_stand_without_a_size),
    TEST(it_says_when_it_is_full),
};
TEST_MAIN("dictionary", cases)
