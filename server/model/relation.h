/*
 * Tables of datasets: their names, their definitions, and what to read a state from.
 *
 * SQL made by the server from the catalogue alone; identifiers are quoted, nothing a client sent
 * stands in it. Everything lives in the caller's arena; no state, any thread.
 */
#ifndef ENTREPOT_MODEL_RELATION_H
#define ENTREPOT_MODEL_RELATION_H

#include "catalogue.h"

/** data."s_41"; input."i_3". */
const char *relation_segment(struct arena *arena, int64_t segment_id);
const char *relation_input(struct arena *arena, int64_t datum_id);

/** The columns as a list of quoted names: "id", "name". */
const char *relation_column_list(struct arena *arena, const struct columns *columns);

/** CREATE TABLE of a segment: columns and types; NOT NULL, keys and indexes follow when its rows
 * are checked. */
const char *relation_create_segment(struct arena *arena, int64_t segment_id,
                                    const struct columns *columns);

/** Of a filled segment: its primary key; a unique index of one column. */
const char *relation_add_key(struct arena *arena, int64_t segment_id, const struct columns *key);
const char *relation_add_unique(struct arena *arena, int64_t segment_id,
                                const struct column *column);

/** Of a filled segment: ANALYZE, and the grant to the role that runs later steps over it. */
const char *relation_open_segment(struct arena *arena, int64_t segment_id);

/** Of a segment that is about to be published: the grant to the role that reads for ports. */
const char *relation_publish_segment(struct arena *arena, int64_t segment_id);

/** Is it a column the server adds to the table of an input: the delivery, the row's number in it?
 */
bool relation_is_ours(const char *column);

/** CREATE TABLE of an input dataset: delivery and row number, then the columns, all nullable. */
const char *relation_create_input(struct arena *arena, int64_t datum_id,
                                  const struct columns *columns);

/** ALTER TABLE … ADD COLUMN for a column a later contract brings. */
const char *relation_add_input_column(struct arena *arena, int64_t datum_id,
                                      const struct column *column);

#endif
