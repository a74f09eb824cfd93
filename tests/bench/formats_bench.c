/* The CPU time that rows cost on their way out and in, without a database: one million rows of
 * eight mixed columns, encoded to each format, and what came out taken in again.
 *
 *     formats_bench [FILE.csv]    also takes in a file whose header has these columns */
#include "server/formats/encoder.h"
#include "server/formats/intake.h"
#include "server/formats/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TEMPLATE_ROWS 1000
#define ROUNDS 1000
#define COLUMNS 8

static const struct column list[COLUMNS] = {
    { .name = "id", .type = COLUMN_INT64, .required = true, .shortest = -1, .longest = -1 },
    { .name = "name", .type = COLUMN_TEXT, .required = true, .shortest = -1, .longest = 80 },
    { .name = "amount", .type = COLUMN_DECIMAL, .precision = 12, .scale = 2 },
    { .name = "at", .type = COLUMN_TIMESTAMP },
    { .name = "ok", .type = COLUMN_BOOL },
    { .name = "qty", .type = COLUMN_INT32, .minimum = "0" },
    { .name = "day", .type = COLUMN_DATE },
    { .name = "note", .type = COLUMN_TEXT, .shortest = -1, .longest = -1 },
};
static const struct columns columns = { list, COLUMNS };

static double cpu_seconds(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now))
        abort();
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct row_value number_of(struct arena *arena, uint64_t value, int32_t size)
{
    char *data = arena_alloc(arena, 8);
    wire_put64(data, value);
    return (struct row_value){ data + 8 - size, size };
}

static struct row_value text_of(const char *text)
{
    return (struct row_value){ text, text ? (int32_t)strlen(text) : -1 };
}

static struct row_value amount_of(struct arena *arena, unsigned i)
{
    char *data = arena_alloc(arena, 14);
    wire_put16(data, 3);
    wire_put16(data + 2, 1);
    wire_put16(data + 6, 2);
    wire_put16(data + 8, (uint16_t)(i % 99 + 1));
    wire_put16(data + 10, (uint16_t)(i * 7919 % 10000));
    wire_put16(data + 12, (uint16_t)(i % 99 * 100 + 100));
    return (struct row_value){ data, 14 };
}

static void make_row(struct arena *arena, unsigned i, struct row_value *row)
{
    static const char *const notes[] = { NULL, "plain note", "say \"hi\", ok\nnext", "caf\xc3\xa9",
                                         "" };
    row[0] = number_of(arena, 7 + i * UINT64_C(1000), 8);
    row[1] = text_of(arena_print(arena, "customer number %07u of the eastern region", i));
    row[2] = amount_of(arena, i);
    row[3] = number_of(arena, UINT64_C(631152000000000) + i * UINT64_C(61123456), 8);
    row[4] = number_of(arena, i % 3 == 0, 1);
    row[5] = number_of(arena, i % 1000, 4);
    row[6] = number_of(arena, 7305 + i / 100, 4);
    row[7] = text_of(notes[i % 5]);
}

static void bench_out(struct arena *arena, struct row_value (*rows)[COLUMNS], enum format format)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    CLEANUP(encoder_free_at) struct encoder *encoder = encoder_new(arena, format, &columns);
    size_t bytes = 0;
    double start = cpu_seconds();
    encoder_begin(encoder, &out);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < TEMPLATE_ROWS; i++) {
            if (encoder_row(encoder, rows[i], &out))
                abort();
            if (out.size < 128 * 1024)
                continue;
            bytes += out.size;
            buffer_reset(&out);
        }
    encoder_end(encoder, &out);
    bytes += out.size;
    printf("%-20s out %.3f s, %zu MB\n", format_name(format), cpu_seconds() - start,
           bytes / 1000000);
}

static struct intake *intake_of(struct arena *arena, enum intake_format format)
{
    static const struct row_prefix prefix = { 1 };
    const struct intake_options options = { .format = format,
                                            .columns = &columns,
                                            .max_field = 1 << 20,
                                            .max_depth = 64,
                                            .max_faults = 20,
                                            .prefix = &prefix };
    return intake_open(arena, &options);
}

static void feed(struct arena *arena, struct intake *intake, const char *data, size_t size,
                 struct buffer *out)
{
    struct problem *problem = intake_feed(intake, data, size, out);
    if (problem) {
        fprintf(stderr, "%s", problem_lines(arena, problem));
        exit(EXIT_FAILURE);
    }
    if (out->size >= 128 * 1024)
        buffer_reset(out);
}

static void finish(struct arena *arena, struct intake *intake, const char *name, double start,
                   struct buffer *out)
{
    struct problem *problem = intake_end(intake, out);
    if (problem)
        fprintf(stderr, "%s", problem_lines(arena, problem));
    printf("%-20s in  %.3f s, %lld rows\n", name, cpu_seconds() - start,
           (long long)intake_rows(intake));
}

/* What the encoder made of the rows, again and again. */
static void bench_in(struct arena *arena, struct row_value (*rows)[COLUMNS], enum format format,
                     enum intake_format intake_format)
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    CLEANUP(encoder_free_at) struct encoder *encoder = encoder_new(arena, format, &columns);
    encoder_begin(encoder, &text);
    size_t head = text.size;
    for (int i = 0; i < TEMPLATE_ROWS; i++)
        if (encoder_row(encoder, rows[i], &text))
            abort();
    CLEANUP(intake_close_at) struct intake *intake = intake_of(arena, intake_format);
    double start = cpu_seconds();
    for (int round = 0; round < ROUNDS; round++) {
        size_t skip = round ? head : 0;
        /* later rounds of a JSON array need a comma instead of its bracket */
        if (round && format == FORMAT_JSON)
            feed(arena, intake, ",", 1, &out);
        feed(arena, intake, text.data + skip, text.size - skip, &out);
    }
    if (format == FORMAT_JSON)
        feed(arena, intake, "]", 1, &out);
    finish(arena, intake, format_name(format), start, &out);
}

static void bench_file(struct arena *arena, const char *path)
{
    static char piece[32 * 1024];
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    CLEANUP(intake_close_at) struct intake *intake = intake_of(arena, INTAKE_CSV);
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    double start = cpu_seconds();
    size_t size;
    while ((size = fread(piece, 1, sizeof piece, file)) > 0)
        feed(arena, intake, piece, size, &out);
    finish(arena, intake, "file", start, &out);
    if (fclose(file))
        perror(path);
}

int main(int count, char **arguments)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 16);
    static struct row_value rows[TEMPLATE_ROWS][COLUMNS];
    for (unsigned i = 0; i < TEMPLATE_ROWS; i++)
        make_row(arena, i, rows[i]);
    for (enum format format = FORMAT_JSON; format < FORMAT_COUNT; format++)
        bench_out(arena, rows, format);
    bench_in(arena, rows, FORMAT_JSON, INTAKE_JSON);
    bench_in(arena, rows, FORMAT_NDJSON, INTAKE_NDJSON);
    bench_in(arena, rows, FORMAT_CSV, INTAKE_CSV);
    if (count > 1)
        bench_file(arena, arguments[1]);
    return 0;
}
