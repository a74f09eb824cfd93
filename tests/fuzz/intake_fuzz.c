#include "intake_fuzz.h"

#include "server/formats/encoder.h"
#include "server/formats/wire.h"

#include <assert.h>
#include <string.h>

static const char *const colours[] = { "red", "green", NULL };

/* Short names, so that bytes made up by chance hit them. */
static const struct column list[] = {
    { .name = "a", .type = COLUMN_INT32, .minimum = "-5", .maximum = "1000000" },
    { .name = "b", .type = COLUMN_BOOL },
    { .name = "c", .type = COLUMN_TEXT, .shortest = -1, .longest = 20 },
    { .name = "d", .type = COLUMN_DATE },
    { .name = "e", .type = COLUMN_DECIMAL, .precision = 12, .scale = 3 },
    { .name = "f", .type = COLUMN_DOUBLE },
    { .name = "g", .type = COLUMN_TEXT, .shortest = -1, .longest = -1, .allowed = colours },
    { .name = "i", .type = COLUMN_INT64 },
    { .name = "j", .type = COLUMN_JSON },
    { .name = "n", .type = COLUMN_DECIMAL },
    { .name = "t", .type = COLUMN_TIMESTAMP },
    { .name = "u", .type = COLUMN_UUID },
    { .name = "x", .type = COLUMN_BYTES },
    { .name = "z", .type = COLUMN_TIME },
};
static const struct columns columns = { list, COUNT(list) };

struct outcome {
    struct buffer copy;
    const char *problem; /* its document; NULL: none */
    int64_t rows;
};

static struct outcome take(struct arena *arena, const struct intake_options *options,
                           const char *data, size_t size, size_t piece)
{
    struct outcome outcome = { 0 };
    CLEANUP(intake_close_at) struct intake *intake = intake_open(arena, options);
    struct problem *problem = NULL;
    for (size_t at = 0; at < size && !problem; at += piece)
        problem =
            intake_feed(intake, data + at, piece < size - at ? piece : size - at, &outcome.copy);
    if (!problem)
        problem = intake_end(intake, &outcome.copy);
    outcome.problem = problem ? problem_json(arena, problem, NULL) : NULL;
    outcome.rows = intake_rows(intake);
    return outcome;
}

static bool is_same(const struct buffer *left, const struct buffer *right)
{
    return left->size == right->size
           && (!left->size || memcmp(left->data, right->data, left->size) == 0);
}

/* The rows of COPY BINARY as a JSON array. */
static void write_rows(struct arena *arena, const struct buffer *copy, struct buffer *out)
{
    struct encoder *encoder = encoder_new(arena, FORMAT_JSON, &columns);
    const char *at = copy->data + 19;
    const char *end = copy->data + copy->size;
    encoder_begin(encoder, out);
    while (wire_get16(at) != UINT16_MAX) {
        struct row_value values[COUNT(list)];
        assert(wire_get16(at) == COUNT(list));
        at += 2;
        for (size_t i = 0; i < COUNT(list); i++) {
            values[i].size = (int32_t)wire_get32(at);
            values[i].data = at += 4;
            at += values[i].size > 0 ? values[i].size : 0;
            assert(at + 2 <= end);
        }
        struct problem *problem = encoder_row(encoder, values, out);
        assert(!problem);
    }
    assert(at + 2 == end);
    encoder_end(encoder, out);
}

static void check_round_trip(struct arena *arena, const struct buffer *copy)
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    const struct intake_options options = { .format = INTAKE_JSON,
                                            .columns = &columns,
                                            .max_field = 1 << 22,
                                            .max_depth = 100,
                                            .max_faults = 1 };
    write_rows(arena, copy, &text);
    struct outcome again = take(arena, &options, text.data, text.size, text.size);
    assert(!again.problem);
    assert(is_same(copy, &again.copy));
    buffer_clear(&again.copy);
}

void intake_fuzz(enum intake_format format, const char *pointer, size_t piece, const char *data,
                 size_t size)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(16384);
    const struct intake_options options = { .format = format,
                                            .columns = &columns,
                                            .pointer = pointer,
                                            .max_field = 100,
                                            .max_depth = 8,
                                            .max_faults = 4 };
    struct outcome whole = take(arena, &options, data, size, size ? size : 1);
    struct outcome cut = take(arena, &options, data, size, piece);
    assert(!whole.problem == !cut.problem);
    assert(!whole.problem || strcmp(whole.problem, cut.problem) == 0);
    assert(whole.rows == cut.rows);
    assert(is_same(&whole.copy, &cut.copy));
    if (!whole.problem)
        check_round_trip(arena, &whole.copy);
    buffer_clear(&whole.copy);
    buffer_clear(&cut.copy);
}
