#include "filing.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct filing filing_begin(int fd)
{
    return (struct filing){ .fd = fd, .digest = digest_open() };
}

struct problem *filing_add(struct filing *filing, struct arena *arena, const void *data,
                           size_t size)
{
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

void filing_end(struct filing *filing, unsigned char out_sha256[DIGEST_BYTES])
{
    digest_end(filing->digest, out_sha256);
}

void filing_clear(struct filing *filing)
{
    digest_close(filing->digest);
    filing->digest = NULL;
}
