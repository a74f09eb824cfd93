/*
 * The lists of what injected SQL may use, from server/sandbox/allowed/.
 *
 * Each file there is a list, each row one name with its reason; what has no row is refused. The
 * files become constant tables when building (tools/embed.py), sorted by name. The gate judges by
 * name, the probe by the exact overload that Postgres chose. Constant; any thread.
 */
#ifndef ENTREPOT_SANDBOX_ALLOWED_H
#define ENTREPOT_SANDBOX_ALLOWED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct allowed {
    const char *name;
    const char *arguments; /* of functions and operators: "integer, integer; text"; "()" is none */
    const char *bound;     /* "2:10000": argument 2 is written as a number up to 10000; or NULL */
    const char *reason;
};

enum allowed_kind {
    ALLOWED_FUNCTIONS,
    ALLOWED_OPERATORS,
    ALLOWED_TYPES,
    ALLOWED_NODES,      /* of the parser */
    ALLOWED_TREE_NODES, /* of the analysed statement */
    ALLOWED_ADVICE, /* nothing is allowed by it: what to do instead of functions often asked for */
    ALLOWED_KINDS
};

struct allowed_list {
    const char *name; /* of the file, without its end: functions */
    const struct allowed *rows;
    size_t count;
};

extern const struct allowed_list allowed_lists[]; /* by enum allowed_kind */

/** The row of a name; NULL: there is none. */
const struct allowed *allowed_find(enum allowed_kind kind, const char *name);

/** Is there a row for this name with exactly these arguments, as oidvectortypes writes them? */
bool allowed_overload(enum allowed_kind kind, const char *name, const char *arguments);

/** The bound of a row: false when it has none. Arguments are counted from 1. */
bool allowed_bound(const struct allowed *row, int64_t *out_argument, int64_t *out_most);

#endif
