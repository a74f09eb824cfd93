/*
 * Parameters as libpq wants them: parallel arrays of types, values, lengths and formats.
 *
 * Text and json travel as text, all else in binary. Everything lives in the arena given, but texts
 * and bytes are pointed to, not copied. Any thread.
 */
#ifndef ENTREPOT_DB_PARAMS_H
#define ENTREPOT_DB_PARAMS_H

#include "db.h"

#include <libpq-fe.h>

/* Object ids of the types in Postgres's own catalogue; they never change. */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_FLOAT8 = 701,
    OID_TEXT_ARRAY = 1009,
    OID_INT8_ARRAY = 1016,
    OID_TIMESTAMPTZ = 1184,
    OID_JSONB = 3802
};

/* Microseconds from 1970, our epoch, to 2000, that of Postgres. */
#define PARAMS_EPOCH_US INT64_C(946684800000000)

struct params {
    int count;
    Oid *types;
    const char **values;
    int *lengths;
    int *formats;
};

/** The type of Postgres for one of ours. */
Oid params_type(enum db_type type);

void params_encode(struct arena *arena, const struct db_param *in, size_t count,
                   struct params *out_params);

#endif
