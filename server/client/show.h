/*
 * How the client commands write: numbers people can read, and text of others without the bytes that
 * a terminal would obey.
 */
#ifndef ENTREPOT_CLIENT_SHOW_H
#define ENTREPOT_CLIENT_SHOW_H

#include "server/base/arena.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/** Text without control characters; NULL is "". */
const char *show_text(struct arena *arena, const char *text);

/** A member that is text, ready to be shown; "" where it is none. */
const char *show_member(struct arena *arena, const json_t *object, const char *name);

/** A value in few words: text as it is, anything else as JSON. */
const char *show_value(struct arena *arena, const json_t *value);

const char *show_count(struct arena *arena, int64_t number); /* 1,234,567 */
const char *show_bytes(struct arena *arena, int64_t bytes);  /* 1.2 MB */
const char *show_elapsed(struct arena *arena, int64_t ms);   /* 0.4 s, 12 s, 3:07, 1:02:03 */

/** A member that is a whole number; 0 where it is none. */
int64_t show_number(const json_t *object, const char *name);

/** JSON over several lines. */
void show_json(const json_t *json);

#endif
