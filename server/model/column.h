/*
 * A column: one property of a contract's dataset, with its type and its rules.
 *
 * Everything that reads or writes rows (formats, query, pipeline) works from these. Plain const
 * data in the arena of the contract that made it; any thread may read.
 */
#ifndef ENTREPOT_MODEL_COLUMN_H
#define ENTREPOT_MODEL_COLUMN_H

#include "server/base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum column_type {
    COLUMN_NO_TYPE,
    COLUMN_BOOL,      /* bool */
    COLUMN_INT32,     /* int4 */
    COLUMN_INT64,     /* int8 */
    COLUMN_DECIMAL,   /* numeric(precision, scale), or numeric where precision is 0 */
    COLUMN_DOUBLE,    /* float8 */
    COLUMN_TEXT,      /* text */
    COLUMN_DATE,      /* date */
    COLUMN_TIME,      /* time without time zone */
    COLUMN_TIMESTAMP, /* timestamptz */
    COLUMN_UUID,      /* uuid */
    COLUMN_BYTES,     /* bytea */
    COLUMN_JSON       /* jsonb: objects and arrays */
};

struct pattern;

struct column {
    const char *name;
    enum column_type type;
    int precision; /* of a decimal, 1..1000; 0: any */
    int scale;
    bool required;
    bool unique;
    int key_position; /* place in the primary key from 1; 0: not in it */

    /* rules of values; those of a type they do not fit are never set */
    int64_t shortest;              /* characters of text; -1: any */
    int64_t longest;               /* characters of text; -1: any */
    const struct pattern *pattern; /* must be found in the text; NULL: any */
    const char *const *allowed;    /* values as text, ended by NULL; NULL: any */
    const char *minimum;           /* as text of the type; NULL: any */
    const char *maximum;
    bool minimum_open; /* the value itself is not allowed */
    bool maximum_open;

    const char *title;       /* NULL where the contract has none */
    const char *description; /* NULL where the contract has none */
};

struct columns {
    const struct column *list;
    size_t count;
};

/** The column of a name, exactly or (caseless) as OData clients may write it; NULL: there is none.
 */
const struct column *columns_find(const struct columns *columns, const char *name, bool caseless);

/** The columns of the primary key in its order; count 0 where there is none. */
struct columns columns_key(struct arena *arena, const struct columns *columns);

/** The type as Postgres writes it: numeric(12,2), timestamptz. */
const char *column_sql_type(struct arena *arena, const struct column *column);

/** The name of a type for messages and documents: integer, decimal, timestamp. */
const char *column_type_name(enum column_type type);

/** Can values of the two be compared in Postgres as they are: are both numbers, both dates …? */
bool column_compares(const struct column *left, const struct column *right);

/* Patterns are ECMA-like regular expressions, run by PCRE2 with limits on work and depth. */

/**
 * Compile one; it is on the heap until pattern_free, contracts keep theirs for the process.
 *
 * Fails   by NULL, with the reason (in arena) and its offset in bytes.
 */
struct pattern *pattern_new(struct arena *arena, const char *source, const char **out_reason,
                            size_t *out_offset);
void pattern_free(struct pattern *pattern);
const char *pattern_source(const struct pattern *pattern);

/**
 * Is it found in size bytes of UTF-8? Bytes that are not UTF-8 and a match that takes too much work
 * count as not found. Any thread may call, several at once with one pattern.
 */
bool pattern_matches(const struct pattern *pattern, const char *text, size_t size);

#endif
