#include "byte_range.h"
#include "exchange.h"

#include <unistd.h>

static void close_file(void *value)
{
    (void)close(*(int *)value); /* it was only read */
}

static void tell_range(struct reply *rp, const struct byte_range *range, int64_t size)
{
    reply_header(rp, "Content-Range", "bytes %lld-%lld/%lld", (long long)range->first,
                 (long long)(range->first + range->count - 1), (long long)size);
}

struct problem *reply_file(struct request *rq, struct reply *rp, const char *media_type,
                           enum coding coding, int fd, int64_t size)
{
    int *kept = arena_new_of(rq->arena, int);
    struct byte_range range = { BYTE_RANGE_WHOLE, 0, size };
    *kept = fd;
    request_at_end(rq, close_file, kept);
    reply_header(rp, "Accept-Ranges", "bytes");
    /* a range means nothing with another method (RFC 9110 §14.2) */
    if (rq->method == GET && byte_range_is_of(request_header(rq, "If-Range"), rp->etag))
        range = byte_range_read(request_header(rq, "Range"), size);
    if (range.kind == BYTE_RANGE_BEYOND) {
        reply_header(rp, "Content-Range", "bytes */%lld", (long long)size);
        return problem_new(rq->arena, &PROBLEM_RANGE, "the file has %lld bytes", (long long)size);
    }
    bool is_part = range.kind == BYTE_RANGE_PART;
    if (is_part)
        tell_range(rp, &range, size);
    rp->coding = coding;
    rp->has_file = true;
    rp->file = fd;
    rp->file_at = range.first;
    return reply_text(rq, rp, is_part ? 206 : 200, media_type, "", (size_t)range.count);
}
