/*
 * JSON of strangers: tokens and key sets. One reading only is possible, or it is refused: names may
 * not come twice in an object, nesting is shallow, nothing may stand behind the value.
 *
 * The json_t belongs to the caller. Any thread may call.
 */
#ifndef ENTREPOT_AUTH_STRICT_JSON_H
#define ENTREPOT_AUTH_STRICT_JSON_H

#include "server/base/arena.h"

#include <jansson.h>
#include <stdbool.h>

#define STRICT_JSON_DEPTH 8

/**
 * Read one JSON object.
 *
 * Gives   the object, or NULL and in *out_why a sentence part that quotes nothing of the text.
 */
json_t *strict_json_object(const char *text, size_t size, const char **out_why);

/** The text of a member in arena; NULL when there is none. False: it is there and no string. */
bool strict_json_text(struct arena *arena, const json_t *object, const char *name,
                      const char **out_text);

CLEANUP_DEFINE(json_t *, json_decref)

#endif
