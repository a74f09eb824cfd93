/*
 * One value on its way in: its text checked against its column, and written as COPY BINARY wants
 * it.
 *
 * The rules of a column are compiled once (bounds and allowed values as binary) into memory of an
 * arena and are then only read. Nothing is converted silently: a number is no text, and what does
 * not fit a decimal is refused, not rounded.
 */
#ifndef ENTREPOT_FORMATS_VALUE_H
#define ENTREPOT_FORMATS_VALUE_H

#include "row.h"
#include "server/base/buffer.h"
#include "server/model/column.h"

/* How a value was written where it came from. */
enum value_form {
    VALUE_NULL,
    VALUE_FIELD, /* of CSV: may be anything */
    VALUE_STRING,
    VALUE_NUMBER,
    VALUE_TRUE,
    VALUE_FALSE,
    VALUE_NESTED /* a JSON object or array */
};

struct value_text {
    enum value_form form;
    const char *at; /* a string without quotes and escapes; otherwise as it was written */
    size_t size;
};

struct value_rules {
    const struct column *column;
    int max_depth;            /* of a nested value */
    struct row_value minimum; /* size -1: none */
    struct row_value maximum;
    struct row_value *allowed; /* as many as allowed_count; 0: all */
    size_t allowed_count;
    const char *broken; /* what is wrong with the rules themselves; no value passes then */
    bool any;           /* is there any rule beside the type? */
};

void value_rules_init(struct arena *arena, const struct column *column, int max_depth,
                      struct value_rules *out_rules);

/**
 * Check a value and append it, its length before it; NULL is the length -1.
 *
 * Gives   NULL, or what is wrong with the value (in arena or static), as it goes on behind the
 *         value: "is no date". What was appended is then to be dropped. Text that is not UTF-8 or
 *         has a NUL is always wrong.
 */
const char *value_write(const struct value_rules *rules, struct value_text value,
                        struct arena *arena, struct buffer *out);

/** A value, not NULL and UTF-8, as a message shows it: quoted where it is text, cut when long. */
const char *value_shown(struct arena *arena, struct value_text value);

#endif
