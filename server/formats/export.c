#include "export.h"

#include "server/base/filing.h"
#include "server/db/stream.h"

#define PIECE_BYTES ((size_t)96 << 10)

static struct problem *put_all(struct arena *arena, const struct export *export,
                               struct buffer *piece)
{
    TRY(export->put(export->sink, arena, piece->data, piece->size));
    buffer_reset(piece);
    return NULL;
}

struct problem *export_rows(struct arena *arena, const struct export *export, int64_t *out_rows)
{
    CLEANUP(encoder_free_at)
    struct encoder *encoder = encoder_new(arena, export->format, export->columns);
    CLEANUP(buffer_clear) struct buffer piece = { 0 };
    int64_t rows = 0;
    encoder_begin(encoder, &piece);
    for (;; rows++) {
        const struct row_value *row;
        TRY(export->next(export->source, arena, &row));
        if (!row)
            break;
        TRY(encoder_row(encoder, row, &piece));
        if (piece.size >= PIECE_BYTES)
            TRY(put_all(arena, export, &piece));
    }
    encoder_end(encoder, &piece);
    TRY(put_all(arena, export, &piece));
    *out_rows = rows;
    return NULL;
}

static struct problem *put_into_file(void *sink, struct arena *arena, const void *data, size_t size)
{
    return filing_add(sink, arena, data, size);
}

struct problem *export_to_file(struct arena *arena, const struct export *export, int fd,
                               struct export_file *out_file)
{
    CLEANUP(filing_clear) struct filing filing = filing_begin(fd);
    struct export into_file = *export;
    struct export_file file = { 0 };
    into_file.put = put_into_file;
    into_file.sink = &filing;
    TRY(export_rows(arena, &into_file, &file.rows));
    file.bytes = filing.bytes;
    filing_end(&filing, file.sha256);
    *out_file = file;
    return NULL;
}

struct problem *export_next_of_stream(void *db, struct arena *arena,
                                      const struct row_value **out_row)
{
    const struct db_value *row;
    size_t count;
    _Static_assert(sizeof(struct db_value) == sizeof(struct row_value),
                   "a value as the database gives it is one as the encoders take it");
    TRY(db_stream_next(db, arena, &row, &count));
    *out_row = (const struct row_value *)(const void *)row;
    return NULL;
}
