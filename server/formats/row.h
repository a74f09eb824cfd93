/*
 * One row on its way out of Postgres: its values in the binary format of the wire.
 *
 * All encoders take rows in this one shape, whether they came by COPY, by single-row mode or down
 * the read lane. Plain data that points into the memory of who received it.
 */
#ifndef ENTREPOT_FORMATS_ROW_H
#define ENTREPOT_FORMATS_ROW_H

#include <stdint.h>

struct row_value {
    const char *data; /* network byte order, as typsend wrote it */
    int32_t size;     /* bytes; -1 is NULL */
};

#endif
