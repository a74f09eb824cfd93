/*
 * Messages of COPY … TO STDOUT (FORMAT binary), a tuple each: the first has the header of the
 * format before its tuple, and the last is a trailer in place of one.
 *
 * Private to server/db. No state, any thread.
 */
#ifndef ENTREPOT_DB_COPY_TUPLE_H
#define ENTREPOT_DB_COPY_TUPLE_H

#include "stream.h"

/** Bytes of the header that the message begins with; 0 when there is none. */
size_t copy_header_size(const char *data, size_t size);

/** How many values the tuple has; -1 for the trailer, and for what is no tuple. */
int copy_tuple_count(const char *data, size_t size);

/**
 * Its values.
 *
 * Gives   count values that point into the tuple.
 * Returns false when they do not end where the tuple does.
 */
bool copy_tuple_values(const char *data, size_t size, size_t count, struct db_value *out_values);

#endif
