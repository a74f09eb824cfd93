/*
 * The entity tags a loop gave out: what was asked, by whom, and the tag of the answer.
 *
 * A question is a text that holds everything an answer depends on but the state of the product,
 * which is one revision of the catalogue: as soon as another revision is asked for, all of another
 * one is forgotten. A table of fixed size, in which a new tag may take the place of an old one. One
 * thread each.
 */
#ifndef ENTREPOT_ROWS_TAGS_H
#define ENTREPOT_ROWS_TAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tags;

struct tags *tags_new(void);
void tags_free(struct tags *tags);

/* How an answer is named and kept by caches. */
struct tag {
    char text[33]; /* the opaque part of the entity tag */
    bool pinned;   /* as of a selection */
};

/** Gives NULL when nothing is remembered; good until the next tags_keep. */
const struct tag *tags_find(struct tags *tags, int64_t revision, const char *question, size_t size);

/** A question of more than TAGS_QUESTION_BYTES is not kept. */
#define TAGS_QUESTION_BYTES ((size_t)1024)
void tags_keep(struct tags *tags, int64_t revision, const char *question, size_t size,
               const struct tag *tag);

#endif
