/*
 * Content coding of answers: which one a client wants, and the encoders (zstd and gzip, level 1).
 *
 * A coder keeps the memory of both encoders between answers; each loop and each worker has one of
 * its own. It encodes one body at a time: coder_begin, coder_add as often as needed, coder_end.
 */
#ifndef ENTREPOT_HTTP_CODING_H
#define ENTREPOT_HTTP_CODING_H

#include "server/base/buffer.h"

#include <stdbool.h>

enum coding { CODING_NONE, CODING_GZIP, CODING_ZSTD, CODING_COUNT };

/** Shorter bodies are sent as they are: the header field alone would eat the gain. */
#define CODING_LEAST_BYTES 1024

/** The coding to use for an Accept-Encoding field; NULL is none. zstd wins over gzip when both
 * weigh the same. */
enum coding coding_choose(const char *accept_encoding);

/** Is the coding acceptable to the client at all? CODING_NONE always is. */
bool coding_is_accepted(const char *accept_encoding, enum coding coding);

/** "gzip", "zstd"; "" for none. */
const char *coding_name(enum coding coding);

/** Does a body of this media type shrink? Parquet and pictures do not. */
bool coding_is_worth(const char *media_type);

struct coder;
struct coder *coder_new(void);
void coder_free(struct coder *coder);

/** Give false when the encoder has no memory. */
bool coder_begin(struct coder *coder, enum coding coding);

/** Encode and append what comes out to `out`. False: the encoder failed, which is a bug of ours. */
bool coder_add(struct coder *coder, const void *data, size_t size, struct buffer *out);
bool coder_end(struct coder *coder, struct buffer *out);

#endif
