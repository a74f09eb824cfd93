/*
 * An export: all rows of a source, in one format, to where bytes go; at constant memory.
 *
 * What serves rows over HTTP and what makes files of snapshots are both this. One thread;
 * everything is the caller's.
 */
#ifndef ENTREPOT_FORMATS_EXPORT_H
#define ENTREPOT_FORMATS_EXPORT_H

#include "encoder.h"
#include "server/base/digest.h"

/** Gives the next row, good until the next call; NULL at the end. */
typedef struct problem *export_next(void *source, struct arena *arena,
                                    const struct row_value **out_row);

/** Takes the next bytes. */
typedef struct problem *export_put(void *sink, struct arena *arena, const void *data, size_t size);

struct export
{
    enum format format;
    const struct columns *columns; /* of each row */
    export_next *next;
    void *source;
    export_put *put;
    void *sink;
};

/** A file that was written. */
struct export_file {
    int64_t rows;
    int64_t bytes;
    unsigned char sha256[DIGEST_BYTES];
};

/**
 * Write all rows.
 *
 * Gives   *out_rows: how many there were.
 * Fails   as next, put and encoder_row do; what was put then is not whole, and no reader of
 * Parquet, Arrow or JSON takes it for that.
 */
struct problem *export_rows(struct arena *arena, const struct export *export,
                            int64_t *out_rows) MUST_USE;

/**
 * The same into a file, from where its descriptor stands; put and sink are not looked at. It is
 * neither synced nor closed.
 *
 * Fails   also with PROBLEM_INTERNAL: the file could not be written.
 */
struct problem *export_to_file(struct arena *arena, const struct export *export, int fd,
                               struct export_file *out_file) MUST_USE;

struct db;

/** A source of the rows of a stream that was begun (server/db/stream.h): the source is the db. */
struct problem *export_next_of_stream(void *db, struct arena *arena,
                                      const struct row_value **out_row);

#endif
