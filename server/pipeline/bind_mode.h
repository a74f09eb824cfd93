/*
 * The SQL that stands around an author's SELECT in each mode; for bind.c only.
 *
 * full and append take the rows as they are. merge and scd2 put them beside the snapshot before and
 * give the whole dataset anew: a snapshot is never changed. The names of our own queries have a
 * blank in front, which no name of an author has.
 */
#ifndef ENTREPOT_PIPELINE_BIND_MODE_H
#define ENTREPOT_PIPELINE_BIND_MODE_H

#include "bind.h"

/** What follows the WITH list, up to the author's SQL; and what follows `) AS q`. */
void bind_mode_before(struct arena *arena, const struct bind_output *output, struct buffer *sql);
void bind_mode_after(struct arena *arena, const struct bind_output *output, struct buffer *sql);

#endif
