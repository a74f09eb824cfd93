#include "export.h"

#include "server/db/stream.h"

#include <errno.h>
#include <unistd.h>

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

/* Bytes on their way into a file. */
struct filing {
    int fd;
    int64_t bytes;
    struct digest *digest;
};

static struct problem *put_into_file(void *sink, struct arena *arena, const void *data, size_t size)
{
    struct filing *filing = sink;
    const char *at = data;
    digest_add(filing->digest, data, size);
    filing->bytes += (int64_t)size;
    while (size) {
        ssize_t written = write(filing->fd, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return problem_because(
                arena, problem_new(arena, &PROBLEM_INTERNAL, "a file could not be written"), "%s",
                written ? strerrordesc_np(errno) : "nothing was taken");
        at += written;
        size -= (size_t)written;
    }
    return NULL;
}

struct problem *export_to_file(struct arena *arena, const struct export *export, int fd,
                               struct export_file *out_file)
{
    CLEANUP(digest_close_at) struct digest *digest = digest_open();
    struct filing filing = { .fd = fd, .digest = digest };
    struct export into_file = *export;
    struct export_file file = { 0 };
    into_file.put = put_into_file;
    into_file.sink = &filing;
    TRY(export_rows(arena, &into_file, &file.rows));
    file.bytes = filing.bytes;
    digest_end(digest, file.sha256);
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
