#include "server/base/arena.h"
#include "tests/unit/test.h"

#include <stdint.h>
#include <string.h>

START_TEST(memory_is_zeroed_and_aligned)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(64);
    for (size_t size = 1; size < 300; size += 7) {
        unsigned char *memory = arena_alloc(arena, size);
        ck_assert_uint_eq((uintptr_t)memory % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            ck_assert_uint_eq(memory[i], 0);
        memset(memory, 0xff, size);
    }
}
END_TEST

START_TEST(a_reset_keeps_one_block_and_no_bytes_of_before)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(64);
    size_t at_start = arena_held_bytes(arena);
    memset(arena_alloc(arena, 64), 0xff, 64);
    (void)arena_alloc(arena, 10000);
    ck_assert_uint_gt(arena_held_bytes(arena), 10000);
    arena_reset(arena);
    ck_assert_uint_eq(arena_held_bytes(arena), at_start);
    ck_assert_int_eq(*(char *)arena_alloc(arena, 1), 0);
}
END_TEST

START_TEST(text_is_copied_printed_and_turned_to_hexadecimal)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(16);
    ck_assert_str_eq(arena_print(arena, "%s-%d", "orders", 42), "orders-42");
    ck_assert_str_eq(arena_hex(arena, "\x00\xff\x1a", 3), "00ff1a");
    ck_assert_str_eq(arena_copy(arena, "abcdef", 3), "abc");
    ck_assert_ptr_null(arena_text(arena, NULL));
    ck_assert_str_eq(arena_join(arena, "orders", "", "-", "42"), "orders-42");
    ck_assert_str_eq(arena_join(arena, ""), "");
}
END_TEST

START_TEST(a_list_grows_by_one_and_keeps_what_it_has)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(64);
    int *list = NULL;
    for (int i = 0; i < 1000; i++) {
        list = arena_grown(arena, list, (size_t)i, sizeof *list);
        list[i] = i;
    }
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(list[i], i);
}
END_TEST

static const struct test_case cases[] = {
    TEST(memory_is_zeroed_and_aligned),
    TEST(a_reset_keeps_one_block_and_no_bytes_of_before),
    TEST(a_list_grows_by_one_and_keeps_what_it_has),
    TEST(text_is_copied_printed_and_turned_to_hexadecimal),
};
TEST_MAIN("arena", cases)
