/* Generated rows go out in each format and come in again: the bytes must be the same. */
#include "take.h"

#define ROWS 400

static const struct column list[] = {
    { .name = "a_bool", .type = COLUMN_BOOL },
    { .name = "an_int32", .type = COLUMN_INT32 },
    { .name = "an_int64", .type = COLUMN_INT64 },
    { .name = "a_decimal", .type = COLUMN_DECIMAL },
    { .name = "a_double", .type = COLUMN_DOUBLE },
    { .name = "a_text", .type = COLUMN_TEXT, .shortest = -1, .longest = -1 },
    { .name = "a_date", .type = COLUMN_DATE },
    { .name = "a_time", .type = COLUMN_TIME },
    { .name = "a_timestamp", .type = COLUMN_TIMESTAMP },
    { .name = "a_uuid", .type = COLUMN_UUID },
    { .name = "some_bytes", .type = COLUMN_BYTES },
    { .name = "a_json", .type = COLUMN_JSON },
};
static const struct columns columns = { list, COUNT(list) };

/* Reproducible numbers (xorshift). */
static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static uint64_t below(uint64_t *state, uint64_t limit)
{
    return next(state) % limit;
}

static struct row_value number_value(struct arena *arena, uint64_t value, int32_t size)
{
    char *data = arena_alloc(arena, 8);
    wire_put64(data, value);
    return (struct row_value){ data + 8 - size, size };
}

/* Text of pieces that formats care about. */
static struct row_value text_value(struct arena *arena, uint64_t *state, bool json)
{
    static const char *const pieces[] = {
        "a",
        "0123456789abcdef",
        "\"",
        "\"\"",
        ",",
        "\n",
        "\r\n",
        "\r",
        "\\",
        "\\u0041",
        "\t",
        "\xc3\xa9",
        "\xe2\x82\xac",
        " ",
        "{",
        "]",
        "\x01",
        "\xf0\x9f\x87\xa6",
        ";",
        "nullnullnull",
        "'",
    };
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    for (uint64_t i = below(state, 12); i > 0; i--)
        buffer_add_text(&text, pieces[below(state, COUNT(pieces))]);
    if (json) {
        CLEANUP(buffer_clear) struct buffer whole = { 0 };
        buffer_add_text(&whole, "\x01{\"a\": [1.50, null, ");
        buffer_add_json_string(&whole, text.data ? text.data : "", text.size);
        buffer_add_text(&whole, "]}");
        return (struct row_value){ arena_copy(arena, whole.data, whole.size), (int32_t)whole.size };
    }
    return (struct row_value){ arena_copy(arena, text.data, text.size), (int32_t)text.size };
}

/* A numeric as Postgres would send it: no zero groups at its ends, no more places than its scale.
 */
static struct row_value decimal_value(struct arena *arena, uint64_t *state)
{
    int count = (int)below(state, 6);
    int weight = (int)below(state, 8) - 4;
    char *data = arena_alloc(arena, 8 + 2 * 6);
    for (int i = 0; i < count; i++)
        wire_put16(data + 8 + 2 * i, (uint16_t)(1 + below(state, 9999)));
    int places = 4 * (count - 1 - weight);
    wire_put16(data, (uint16_t)count);
    wire_put16(data + 2, (uint16_t)(count ? weight : 0));
    wire_put16(data + 4, count && below(state, 2) ? 0x4000 : 0);
    wire_put16(data + 6, (uint16_t)(places > 0 ? places : 0));
    return (struct row_value){ data, 8 + 2 * count };
}

static struct row_value value_of(struct arena *arena, uint64_t *state, enum column_type type)
{
    switch (type) {
    case COLUMN_BOOL:
        return number_value(arena, below(state, 2), 1);
    case COLUMN_INT32:
        return number_value(arena, next(state) >> below(state, 32), 4);
    case COLUMN_INT64:
        return number_value(arena, next(state) >> below(state, 64), 8);
    case COLUMN_DECIMAL:
        return decimal_value(arena, state);
    case COLUMN_DOUBLE: /* never NaN, which has many forms */
        return number_value(arena, next(state) & ~(UINT64_C(1) << 62), 8);
    case COLUMN_DATE:
        return number_value(arena, below(state, 3652059) - 730119, 4);
    case COLUMN_TIME:
        return number_value(arena, below(state, 86400000001), 8);
    case COLUMN_TIMESTAMP:
        return number_value(arena, below(state, UINT64_C(300000000000000000)) - 60000000000000000,
                            8);
    case COLUMN_UUID:
        return (struct row_value){ arena_copy(arena, (uint64_t[]){ next(state), next(state) }, 16),
                                   16 };
    case COLUMN_BYTES:
        return (struct row_value){ arena_copy(arena, (uint64_t[]){ next(state) }, 8),
                                   (int32_t)below(state, 9) };
    default:
        return text_value(arena, state, type == COLUMN_JSON);
    }
}

static void make_row(struct arena *arena, uint64_t *state, struct row_value *row)
{
    for (size_t i = 0; i < COUNT(list); i++)
        row[i] =
            below(state, 8) ? value_of(arena, state, list[i].type) : (struct row_value){ NULL, -1 };
}

static void add_copy_row(struct buffer *copy, const struct row_value *row)
{
    char word[4];
    wire_put16(word, COUNT(list));
    buffer_add(copy, word, 2);
    for (size_t i = 0; i < COUNT(list); i++) {
        wire_put32(word, (uint32_t)row[i].size);
        buffer_add(copy, word, 4);
        buffer_add(copy, row[i].data, row[i].size > 0 ? (size_t)row[i].size : 0);
    }
}

static const struct {
    enum format out;
    enum intake_format in;
} ways[] = {
    { FORMAT_JSON, INTAKE_JSON },
    { FORMAT_NDJSON, INTAKE_NDJSON },
    { FORMAT_CSV, INTAKE_CSV },
};

START_TEST(rows_that_go_out_come_in_again_as_they_were)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(65536);
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    CLEANUP(buffer_clear) struct buffer copy = { 0 };
    uint64_t state = 88172645463325252;
    struct encoder *encoder = encoder_new(arena, ways[_i].out, &columns);
    buffer_add(&copy, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0", 19);
    encoder_begin(encoder, &text);
    for (int i = 0; i < ROWS; i++) {
        struct row_value row[COUNT(list)];
        make_row(arena, &state, row);
        add_copy_row(&copy, row);
        ck_assert_ptr_null(encoder_row(encoder, row, &text));
    }
    encoder_end(encoder, &text);
    buffer_add(&copy, "\377\377", 2);

    const struct intake_options options = { .format = ways[_i].in,
                                            .columns = &columns,
                                            .max_field = 1 << 20,
                                            .max_depth = 8,
                                            .max_faults = 5 };
    static const size_t pieces[] = { 1, 13, 1000, 1 << 20 };
    for (size_t i = 0; i < COUNT(pieces); i++) {
        struct taken taken = take(arena, &options, text.data, text.size, pieces[i]);
        ck_assert_pstr_eq(taken.problem, NULL);
        ck_assert_int_eq(taken.count, ROWS);
        ck_assert_uint_eq(taken.copy.size, copy.size);
        ck_assert_mem_eq(taken.copy.data, copy.data, copy.size);
    }
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(rows_that_go_out_come_in_again_as_they_were, ways),
};
TEST_MAIN("round_trip", cases)
