#include "coded_file.h"

#include "server/base/filing.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PIECE_BYTES ((size_t)96 << 10)

static struct problem *cannot_code(struct arena *arena)
{
    return problem_because(arena,
                           problem_new(arena, &PROBLEM_INTERNAL, "a file could not be compressed"),
                           "the encoder failed");
}

/* The next piece of a file; nothing is its end. */
static struct problem *read_piece(struct arena *arena, int fd, off_t at, struct buffer *piece)
{
    ssize_t size;
    buffer_reset(piece);
    do
        size = pread(fd, buffer_room(piece, PIECE_BYTES), PIECE_BYTES, at);
    while (size < 0 && errno == EINTR);
    if (size < 0)
        return problem_because(arena,
                               problem_new(arena, &PROBLEM_INTERNAL, "a file could not be read"),
                               "%s", strerrordesc_np(errno));
    piece->size = (size_t)size;
    return NULL;
}

struct problem *coded_file_write(struct arena *arena, enum coding coding, int from, int to,
                                 int64_t *out_bytes, unsigned char out_sha256[DIGEST_BYTES])
{
    CLEANUP(coder_free_at) struct coder *coder = coder_new(CODER_FOR_FILE);
    CLEANUP(filing_clear) struct filing filing = filing_begin(to);
    CLEANUP(buffer_clear) struct buffer piece = { 0 };
    CLEANUP(buffer_clear) struct buffer coded = { 0 };
    off_t at = 0;
    if (!coder_begin(coder, coding))
        return cannot_code(arena);
    do {
        TRY(read_piece(arena, from, at, &piece));
        at += (off_t)piece.size;
        if (!(piece.size ? coder_add(coder, piece.data, piece.size, &coded)
                         : coder_end(coder, &coded)))
            return cannot_code(arena);
        TRY(filing_add(&filing, arena, coded.data, coded.size));
        buffer_reset(&coded);
    } while (piece.size);
    *out_bytes = filing.bytes;
    filing_end(&filing, out_sha256);
    return NULL;
}
