/* Takes a body in through an intake, in pieces of any size, and shows what came of it: the rows as
 * NDJSON, read back out of the COPY BINARY they became, or the problem. */
#ifndef ENTREPOT_TESTS_UNIT_FORMATS_TAKE_H
#define ENTREPOT_TESTS_UNIT_FORMATS_TAKE_H

#include "server/formats/encoder.h"
#include "server/formats/intake.h"
#include "server/formats/wire.h"
#include "tests/unit/test.h"

#include <string.h>

struct taken {
    const char *rows;         /* NDJSON of the COPY BINARY; NULL where it has no trailer */
    const char *problem;      /* status, then the faults as lines; NULL: none */
    const struct buffer copy; /* the COPY BINARY itself, in the arena */
    int64_t count;
};

/* Read the COPY BINARY of rows with two more columns in front, delivery and row, if prefixed. */
static inline const char *copy_rows(struct arena *arena, const struct columns *columns,
                                    bool prefixed, const struct buffer *copy)
{
    struct buffer text = { 0 };
    struct column *list = arena_array_of(arena, struct column, columns->count + 2);
    const struct column prefix[] = { { .name = "_delivery", .type = COLUMN_INT64 },
                                     { .name = "_row", .type = COLUMN_INT64 } };
    size_t before = prefixed ? 2 : 0;
    memcpy(list, prefix, sizeof prefix);
    memcpy(list + before, columns->list, columns->count * sizeof *list);
    const struct columns all = { list, columns->count + before };
    struct row_value *values = arena_array_of(arena, struct row_value, all.count);
    struct encoder *encoder = encoder_new(arena, FORMAT_NDJSON, &all);
    ck_assert_uint_ge(copy->size, 21);
    ck_assert_mem_eq(copy->data, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
    const char *at = copy->data + 19;
    const char *end = copy->data + copy->size;
    while ((int16_t)wire_get16(at) != -1) {
        ck_assert_uint_eq(wire_get16(at), all.count);
        at += 2;
        for (size_t i = 0; i < all.count; i++) {
            values[i].size = (int32_t)wire_get32(at);
            values[i].data = at += 4;
            at += values[i].size > 0 ? values[i].size : 0;
            ck_assert(at < end);
        }
        struct problem *problem = encoder_row(encoder, values, &text);
        ck_assert_msg(!problem, "%s", problem ? problem_lines(arena, problem) : "");
    }
    ck_assert_ptr_eq(at + 2, end);
    const char *rows = arena_copy(arena, text.data, text.size);
    buffer_clear(&text);
    return rows;
}

static inline struct taken take(struct arena *arena, const struct intake_options *options,
                                const char *body, size_t size, size_t piece)
{
    struct buffer copy = { 0 };
    CLEANUP(intake_close_at) struct intake *intake = intake_open(arena, options);
    struct problem *problem = NULL;
    for (size_t at = 0; at < size && !problem; at += piece)
        problem = intake_feed(intake, body + at, piece < size - at ? piece : size - at, &copy);
    if (problem) /* what failed stays so */
        ck_assert_ptr_eq(intake_end(intake, &copy), problem);
    else
        problem = intake_end(intake, &copy);
    struct taken taken = {
        .rows = problem ? NULL : copy_rows(arena, options->columns, options->prefix != NULL, &copy),
        .problem = problem ? arena_print(arena, "%d %s", problem->kind->status,
                                         problem_lines(arena, problem))
                           : NULL,
        .copy = { arena_copy(arena, copy.data, copy.size), copy.size, 0 },
        .count = intake_rows(intake),
    };
    buffer_clear(&copy);
    return taken;
}

/* Take a body in whole and cut in every way; each must give the same. */
static inline struct taken take_all_ways(struct arena *arena, const struct intake_options *options,
                                         const char *body, size_t size)
{
    struct taken whole = take(arena, options, body, size, size ? size : 1);
    for (size_t piece = 1; piece < 40 && piece < size; piece++) {
        struct taken cut = take(arena, options, body, size, piece);
        ck_assert_pstr_eq(cut.problem, whole.problem);
        ck_assert_int_eq(cut.count, whole.count);
        if (!whole.problem)
            ck_assert_str_eq(cut.rows, whole.rows);
        ck_assert_uint_eq(cut.copy.size, whole.copy.size);
        ck_assert_mem_eq(cut.copy.data, whole.copy.data, whole.copy.size);
    }
    return whole;
}

#endif
