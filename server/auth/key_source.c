#include "key_source.h"

#include "fetch.h"
#include "jwks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FETCH_TIMEOUT_MS 10000

CLEANUP_DEFINE(FILE *, fclose)

struct problem *key_source_init(struct arena *arena, const char *from,
                                struct key_source *out_source)
{
    struct key_source source = { .from = from, .is_url = strstr(from, "://") != NULL };
    if (source.is_url)
        TRY(fetch_check_url(arena, from));
    *out_source = source;
    return NULL;
}

bool key_source_has_changed(const struct key_source *source)
{
    struct stat now;
    const struct stat *seen = &source->seen;
    if (source->is_url || stat(source->from, &now) != 0)
        return !source->is_url; /* a file that has gone is a change: reading tells why */
    return now.st_mtim.tv_sec != seen->st_mtim.tv_sec
           || now.st_mtim.tv_nsec != seen->st_mtim.tv_nsec || now.st_size != seen->st_size
           || now.st_ino != seen->st_ino || now.st_dev != seen->st_dev;
}

static struct problem *read_file(struct arena *arena, struct key_source *source,
                                 struct key_text *out_text)
{
    struct stat before;
    if (stat(source->from, &before) != 0)
        return problem_new(arena, &PROBLEM_STORE, "%s", strerror(errno));
    if (!S_ISREG(before.st_mode)) /* opening a pipe would wait for its other end */
        return problem_new(arena, &PROBLEM_STORE, "it is not a file");
    CLEANUP(fclose_at) FILE *file = fopen(source->from, "rbe");
    if (!file || fstat(fileno(file), &source->seen) != 0)
        return problem_new(arena, &PROBLEM_STORE, "%s", strerror(errno));
    char *text = arena_alloc(arena, JWKS_BYTES_HIGHEST + 1);
    size_t size = fread(text, 1, JWKS_BYTES_HIGHEST + 1, file);
    if (ferror(file))
        return problem_new(arena, &PROBLEM_STORE, "%s", strerror(errno));
    *out_text = (struct key_text){ text, size, -1 }; /* one byte too many is told by jwks_read */
    return NULL;
}

struct problem *key_source_read(struct arena *arena, struct key_source *source, atomic_bool *cancel,
                                struct key_text *out_text)
{
    struct fetch_answer answer;
    if (!source->is_url)
        return read_file(arena, source, out_text);
    TRY(fetch_get(arena, source->from, JWKS_BYTES_HIGHEST, FETCH_TIMEOUT_MS, cancel, &answer));
    *out_text = (struct key_text){ answer.body, answer.size, answer.max_age_ms };
    return NULL;
}
