/* What a route asks of a token. Value 0 is refused: a route that names no scope is not public. */
#ifndef ENTREPOT_HTTP_SCOPE_H
#define ENTREPOT_HTTP_SCOPE_H

enum scope {
    SCOPE_REFUSED = 0,
    SCOPE_PUBLIC = 1,    /* no token asked, whatever the product says: health, well-known */
    SCOPE_DISCOVERY = 2, /* open unless the product says otherwise; then any valid token */
    SCOPE_INPUT_WRITE = 4,
    SCOPE_INPUT_READ = 8,
    SCOPE_OUTPUT_READ = 16,
    SCOPE_CONTROL_READ = 32,
    SCOPE_CONTROL_WRITE = 64,
    SCOPE_OBSERVABILITY_READ = 128
};

/** input:write and so on; "" for those without a name. */
const char *scope_name(enum scope scope);

/** The scope of a name, or SCOPE_REFUSED. */
enum scope scope_by_name(const char *name);

#endif
