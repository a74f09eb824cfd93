#include "issuer_file.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

CLEANUP_DEFINE(json_t *, json_decref)

static const char *path_of(struct arena *arena, const char *data_dir)
{
    return arena_print(arena, "%s/issuer.json", data_dir);
}

struct problem *issuer_file_write(struct arena *arena, const char *data_dir,
                                  const struct issuer *issuer)
{
    const char *path = path_of(arena, data_dir);
    const char *next = arena_print(arena, "%s.next", path);
    CLEANUP(json_decref_at)
    json_t *json = json_pack("{s:s, s:s}", "issuer", issuer->issuer, "audience", issuer->audience);
    if (!json || json_dump_file(json, next, JSON_INDENT(2)) || rename(next, path))
        return problem_because(arena, problem_new(arena, &PROBLEM_START, "cannot write %s", path),
                               "%s", strerror(errno));
    return NULL;
}

struct problem *issuer_file_read(struct arena *arena, const char *data_dir,
                                 struct issuer *out_issuer)
{
    const char *path = path_of(arena, data_dir);
    json_error_t error;
    CLEANUP(json_decref_at) json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    const char *issuer = json_string_value(json_object_get(json, "issuer"));
    const char *audience = json_string_value(json_object_get(json, "audience"));
    if (!issuer || !audience)
        return problem_because(
            arena,
            problem_new(arena, &PROBLEM_START,
                        "cannot read %s: serve the folder once with this data directory first",
                        path),
            "%s", json ? "issuer or audience is missing" : error.text);
    out_issuer->issuer = arena_text(arena, issuer);
    out_issuer->audience = arena_text(arena, audience);
    return NULL;
}
