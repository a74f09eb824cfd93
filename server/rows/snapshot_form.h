/*
 * The forms a snapshot is kept in as a file: a format of rows, and a coding of its bytes. No state;
 * any thread.
 */
#ifndef ENTREPOT_ROWS_SNAPSHOT_FORM_H
#define ENTREPOT_ROWS_SNAPSHOT_FORM_H

#include "server/base/arena.h"
#include "server/formats/format.h"
#include "server/http/coding.h"

struct snapshot_form {
    enum format format;
    enum coding coding;
};

extern const struct snapshot_form snapshot_form_parquet; /* compressed by itself */

/** How the name of such a file ends: .parquet, .csv, .csv.gz, .arrows.zst. */
const char *snapshot_form_ending(struct arena *arena, struct snapshot_form form);

#endif
