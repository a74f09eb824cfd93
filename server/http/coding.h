/*
 * Content coding of answers: which one a client wants, and the encoders (zstd and gzip).
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

/** The coding to use for an Accept-Encoding field; NULL is none. Of those that weigh the same zstd
 * wins over gzip, and gzip over none. None also where nothing is acceptable. */
enum coding coding_choose(const char *accept_encoding);

/** Is the coding acceptable to the client at all? CODING_NONE is, unless identity;q=0 or *;q=0 says
 * otherwise. */
bool coding_is_accepted(const char *accept_encoding, enum coding coding);

/** "gzip", "zstd"; "" for none. */
const char *coding_name(enum coding coding);

/** Does a body of this media type shrink? Parquet and pictures do not. */
bool coding_is_worth(const char *media_type);

/* What bodies are encoded for: quickly for an answer, to be small for a file that is kept. */
enum coder_use { CODER_FOR_ANSWER, CODER_FOR_FILE };

struct coder;
struct coder *coder_new(enum coder_use use);
void coder_free(struct coder *coder);

/** Give false when the encoder has no memory. */
bool coder_begin(struct coder *coder, enum coding coding);

/** Encode and append what comes out to `out`. False: the encoder failed, which is a bug of ours. */
bool coder_add(struct coder *coder, const void *data, size_t size, struct buffer *out);
bool coder_end(struct coder *coder, struct buffer *out);

CLEANUP_DEFINE(struct coder *, coder_free)

#endif
