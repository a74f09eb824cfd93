/*
 * The Range field of a request for bytes (RFC 9110 §14).
 *
 * One range is served. Of several, the whole is the answer, which §14.2 allows: nobody who reads
 * Parquet asks for them, and a body of many parts is a way to make a server work. What is not well
 * formed, or of another unit, is as if it had not been sent. No state; any thread.
 */
#ifndef ENTREPOT_HTTP_BYTE_RANGE_H
#define ENTREPOT_HTTP_BYTE_RANGE_H

#include <stdbool.h>
#include <stdint.h>

enum byte_range_kind {
    BYTE_RANGE_WHOLE,  /* all of it: there is no range, or none that counts */
    BYTE_RANGE_PART,   /* first and count */
    BYTE_RANGE_BEYOND, /* well formed, and nothing of it is there: 416 */
};

struct byte_range {
    enum byte_range_kind kind;
    int64_t first;
    int64_t count;
};

/** Takes text: the field, or NULL; size: bytes there are. Gives first 0 and count size unless a
 * part is asked for. */
struct byte_range byte_range_read(const char *text, int64_t size);

/**
 * Does If-Range let the range count? Only the same strong entity tag does: a date is no strong
 * validator here.
 *
 * Takes   text: the field, or NULL; etag: the opaque part, without quotes, or NULL.
 */
bool byte_range_is_of(const char *text, const char *etag);

#endif
