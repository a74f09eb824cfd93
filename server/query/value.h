/*
 * A value of the query language: a literal of the client, or one that a token carries.
 *
 * Plain data in the arena of the request. Every type has one form, so that equal values are equal
 * bytes: numbers without needless digits, instants in UTC, uuids in lower case.
 */
#ifndef ENTREPOT_QUERY_VALUE_H
#define ENTREPOT_QUERY_VALUE_H

#include "server/base/buffer.h"
#include "server/db/db.h"
#include "server/model/column.h"

enum value_type {
    VALUE_NO_TYPE,
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INTEGER, /* 64 bits */
    VALUE_DECIMAL, /* any number of digits, kept as text */
    VALUE_DOUBLE,
    VALUE_TEXT,
    VALUE_DATE,      /* days since 1970-01-01 */
    VALUE_TIME,      /* microseconds of the day */
    VALUE_TIMESTAMP, /* microseconds since 1970 in UTC */
    VALUE_DURATION,  /* microseconds */
    VALUE_UUID,
    VALUE_BYTES,
    VALUE_JSON
};

struct value {
    enum value_type type;
    union {
        bool boolean;
        int64_t integer; /* integer, date, time, timestamp, duration */
        double real;
        const char *text; /* decimal, text, uuid, json; ended by NUL */
        struct db_bytes bytes;
    };
};

/** The type of a column's values. */
enum value_type value_type_of(enum column_type type);

/** The column that holds values of a type; COLUMN_NO_TYPE: none does, as for durations. */
enum column_type value_column_type(enum value_type type);

/** The name of a type for messages: integer, timestamp. */
const char *value_type_name(enum value_type type);

/** Is it an integer, a decimal or a double? */
bool value_is_number(enum value_type type);

/** The type as Postgres writes it: int8, timestamptz. */
const char *value_sql_type(enum value_type type);

/** The value as Postgres reads it, and as it stands in the canonical form. NULL has no text. */
const char *value_text(struct arena *arena, const struct value *value);

/** Are they the same value of the same type? */
bool value_equal(const struct value *left, const struct value *right);

/** The value as a parameter, in the type that travels best; the SQL casts it to
 *  value_sql_type. */
struct db_param value_param(struct arena *arena, const struct value *value);

#endif
