/*
 * A shape: which members an object of a document may and must have, and of what kind each is.
 *
 * Every document of the folder is checked against const tables of these before anything is read
 * from it, so the readers after it only look at meaning. All faults are reported, not only the
 * first. Nothing here owns memory; any thread may call.
 */
#ifndef ENTREPOT_MODEL_SHAPE_H
#define ENTREPOT_MODEL_SHAPE_H

#include "node.h"

enum shape_kind {
    SHAPE_ANY, /* also null */
    SHAPE_TEXT,
    SHAPE_NUMBER,
    SHAPE_INTEGER, /* a whole number */
    SHAPE_NATURAL, /* a whole number from 0 */
    SHAPE_BOOL,
    SHAPE_SCALAR,    /* text, number, boolean or null */
    SHAPE_URI,       /* text with a scheme */
    SHAPE_DATE,      /* text: 2026-11-20 */
    SHAPE_INSTANT,   /* text: RFC 3339 date-time */
    SHAPE_STABLE_ID, /* text of letters, digits, _ and - */
    SHAPE_OBJECT,    /* of the shape `of`, or any object where that is NULL */
    SHAPE_LIST,      /* of objects of the shape `of`, or of anything where that is NULL */
    SHAPE_TEXTS      /* a list of text */
};

struct shape;

struct shape_member {
    const char *name;
    enum shape_kind kind;
    bool required;
    const struct shape *of;
    const char *const *allowed; /* the only texts allowed, ended by NULL; NULL: any */
};

struct shape {
    const char *noun; /* for messages: "an input port" */
    const struct shape_member *members;
    size_t count;
    const struct shape *base; /* its members are allowed too; NULL: none */
    bool open;                /* other members are allowed */
};

/** Check a node and all below it. Gives true when no fault was added. */
bool shape_check(const struct shape *shape, const struct node *node, struct faults *faults);

/** Check one value against a member's kind, as shape_check does for each. */
bool shape_check_value(const struct shape_member *member, const struct node *value,
                       struct faults *faults);

/** Is it 2026-11-20, 17:31:04 (or with a fraction), or 2026-11-20T17:31:04Z (RFC 3339)? */
bool shape_is_date(const char *text);
bool shape_is_time(const char *text);
bool shape_is_instant(const char *text);

/** Is it an id that is safe in a URL: 1 to 200 letters, digits, . _ ~ : and -? */
bool shape_is_id(const char *text);

/** "a, b or c" of a list ended by NULL, for messages. */
const char *shape_words(struct arena *arena, const char *const *words);

#endif
