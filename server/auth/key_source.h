/*
 * One reading of the text of a key set, from a file or a URL. Remembers which file it read, so that
 * a change is seen. One thread at a time; reading a URL waits.
 */
#ifndef ENTREPOT_AUTH_KEY_SOURCE_H
#define ENTREPOT_AUTH_KEY_SOURCE_H

#include "server/base/problem.h"

#include <stdatomic.h>
#include <sys/stat.h>

struct key_source {
    const char *from; /* the path or URL, as configured */
    bool is_url;
    struct stat seen; /* the file last read */
};

struct key_text {
    const char *text; /* in arena */
    size_t size;
    int64_t max_age_ms; /* as fetch_answer has it; -1 for files */
};

/** Takes from: lives as long as the source. Fails PROBLEM_START for a URL that may not be used. */
struct problem *key_source_init(struct arena *arena, const char *from,
                                struct key_source *out_source) MUST_USE;

/** Is the file another one than the one read last? Never for a URL. */
bool key_source_has_changed(const struct key_source *source);

/** Fails PROBLEM_STORE. Takes cancel: ends the wait for a URL. */
struct problem *key_source_read(struct arena *arena, struct key_source *source, atomic_bool *cancel,
                                struct key_text *out_text) MUST_USE;

#endif
