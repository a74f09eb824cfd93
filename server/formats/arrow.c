#include "arrow.h"

#include "arrow_schema.h"

#include <endian.h>

#define BATCH_BYTES ((size_t)2 << 20)
#define BATCH_ROWS 65536
#define KEPT_BYTES ((size_t)8 << 20) /* more memory than this is not kept for the next batch */

/* The values of a column in the present batch. */
struct run {
    struct buffer bits;    /* which are there; made when the first NULL comes */
    struct buffer offsets; /* where each ends, of values without a fixed width */
    struct buffer values;  /* of booleans a bit each */
    int64_t nulls;
};

struct arrow {
    struct arena *arena;
    const struct columns *columns;
    struct native *natives;
    struct run *runs;
    struct buffer scratch;
    int64_t (*nodes)[2];
    int64_t (*buffers)[2];
    size_t row_bytes; /* that every row takes, whatever its values are */
    size_t rows;      /* in the present batch */
    size_t bytes;     /* in the present batch */
};

struct arrow *arrow_new(struct arena *arena, const struct columns *columns)
{
    struct arrow *arrow = arena_new_of(arena, struct arrow);
    arrow->arena = arena;
    arrow->columns = columns;
    arrow->natives = arena_array_of(arena, struct native, columns->count);
    arrow->runs = arena_array_of(arena, struct run, columns->count);
    arrow->nodes = arena_alloc(arena, arena_array_bytes(columns->count, sizeof *arrow->nodes));
    arrow->buffers =
        arena_alloc(arena, arena_array_bytes(3 * columns->count, sizeof *arrow->buffers));
    for (size_t i = 0; i < columns->count; i++) {
        arrow->natives[i] = native_of(&columns->list[i], false, ARROW_DIGITS);
        arrow->row_bytes += arrow->natives[i].width ? (size_t)arrow->natives[i].width : 4;
    }
    return arrow;
}

static void run_clear(struct run *run)
{
    buffer_clear(&run->bits);
    buffer_clear(&run->offsets);
    buffer_clear(&run->values);
}

void arrow_free(struct arrow *arrow)
{
    if (!arrow)
        return;
    for (size_t i = 0; i < arrow->columns->count; i++)
        run_clear(&arrow->runs[i]);
    buffer_clear(&arrow->scratch);
}

void arrow_begin(struct arrow *arrow, struct buffer *out)
{
    arrow_write_schema(out, arrow->columns, arrow->natives);
}

/* Set the bit of a row, in bytes that grow as rows come. */
static void set_bit(struct buffer *bits, size_t row, bool value)
{
    if (row % 8 == 0)
        buffer_add_char(bits, 0);
    char *byte = &bits->data[row / 8];
    *byte = (char)(unsigned char)((unsigned char)*byte | (unsigned)value << row % 8);
}

/* All rows before the first NULL are there. */
static void begin_bits(struct buffer *bits, size_t rows)
{
    size_t size = (rows + 7) / 8;
    if (!size)
        return;
    memset(buffer_room(bits, size), 0xff, size);
    bits->size = size;
    if (rows % 8)
        bits->data[size - 1] = (char)(unsigned char)((1U << rows % 8) - 1);
}

static void add_offset(struct run *run)
{
    uint32_t offset = htole32((uint32_t)run->values.size);
    buffer_add(&run->offsets, &offset, sizeof offset);
}

static void add_null(struct run *run, const struct native *native, size_t row)
{
    if (!run->nulls++)
        begin_bits(&run->bits, row);
    set_bit(&run->bits, row, false);
    if (native->type == COLUMN_BOOL) {
        set_bit(&run->values, row, false);
    } else if (native->width) {
        memset(buffer_room(&run->values, (size_t)native->width), 0, (size_t)native->width);
        run->values.size += (size_t)native->width;
    } else {
        add_offset(run);
    }
}

static void add_value(struct run *run, const struct native *native, size_t row,
                      struct native_value value)
{
    if (run->nulls)
        set_bit(&run->bits, row, true);
    if (native->type == COLUMN_BOOL)
        set_bit(&run->values, row, *value.data);
    else
        native_add(&run->values, value);
    if (!native->width)
        add_offset(run);
}

/* The place of a run of bytes in the body, and its size. */
static void place(int64_t *pair, int64_t *end, const struct buffer *bytes)
{
    pair[0] = *end;
    pair[1] = (int64_t)bytes->size;
    *end += (pair[1] + ARROW_ALIGNMENT - 1) & -(int64_t)ARROW_ALIGNMENT;
}

static void add_aligned(struct buffer *out, const struct buffer *bytes)
{
    static const char zeros[ARROW_ALIGNMENT];
    buffer_add(out, bytes->data, bytes->size);
    buffer_add(out, zeros, -bytes->size & (ARROW_ALIGNMENT - 1));
}

/* Columns that were large in turn must not all keep their memory. */
static void begin_batch(struct arrow *arrow)
{
    size_t held = 0;
    for (size_t i = 0; i < arrow->columns->count; i++) {
        const struct run *run = &arrow->runs[i];
        held += run->bits.capacity + run->offsets.capacity + run->values.capacity;
    }
    for (size_t i = 0; i < arrow->columns->count; i++) {
        struct run *run = &arrow->runs[i];
        if (held > KEPT_BYTES)
            run_clear(run);
        buffer_reset(&run->bits);
        buffer_reset(&run->offsets);
        buffer_reset(&run->values);
        run->nulls = 0;
    }
    arrow->rows = 0;
    arrow->bytes = 0;
}

static void write_batch(struct arrow *arrow, struct buffer *out)
{
    size_t count = 0;
    int64_t end = 0;
    for (size_t i = 0; i < arrow->columns->count; i++) {
        const struct run *run = &arrow->runs[i];
        arrow->nodes[i][0] = (int64_t)arrow->rows;
        arrow->nodes[i][1] = run->nulls;
        place(arrow->buffers[count++], &end, &run->bits);
        if (!arrow->natives[i].width)
            place(arrow->buffers[count++], &end, &run->offsets);
        place(arrow->buffers[count++], &end, &run->values);
    }
    arrow_write_batch_head(out, (int64_t)arrow->rows, (const int64_t(*)[2])arrow->nodes,
                           arrow->columns->count, (const int64_t(*)[2])arrow->buffers, count, end);
    (void)buffer_room(out, (size_t)end);
    for (size_t i = 0; i < arrow->columns->count; i++) {
        const struct run *run = &arrow->runs[i];
        add_aligned(out, &run->bits);
        if (!arrow->natives[i].width)
            add_aligned(out, &run->offsets);
        add_aligned(out, &run->values);
    }
    begin_batch(arrow);
}

struct problem *arrow_row(struct arrow *arrow, const struct row_value *values, struct buffer *out)
{
    for (size_t i = 0; i < arrow->columns->count; i++) {
        const struct column *column = &arrow->columns->list[i];
        const struct native *native = &arrow->natives[i];
        struct run *run = &arrow->runs[i];
        if (!native->width && !arrow->rows)
            add_offset(run); /* the first value begins at 0 */
        if (values[i].size < 0) {
            if (column->required)
                return native_null_problem(arrow->arena, column);
            add_null(run, native, arrow->rows);
            continue;
        }
        struct native_value value;
        enum native_fault fault = native_take(native, values[i], &arrow->scratch, &value);
        if (fault)
            return native_problem(arrow->arena, column, fault);
        add_value(run, native, arrow->rows, value);
        arrow->bytes += native->width ? 0 : value.size;
    }
    arrow->bytes += arrow->row_bytes;
    if (++arrow->rows == BATCH_ROWS || arrow->bytes >= BATCH_BYTES)
        write_batch(arrow, out);
    return NULL;
}

void arrow_end(struct arrow *arrow, struct buffer *out)
{
    if (arrow->rows)
        write_batch(arrow, out);
    arrow_write_end(out);
}
