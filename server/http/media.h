/*
 * Media ranges: what an Accept header field asks for (RFC 9110 §12.5.1), cut into its parts. Which
 * of them can be served is for the caller to say.
 *
 * Plain functions over the caller's arena; any thread.
 */
#ifndef ENTREPOT_HTTP_MEDIA_H
#define ENTREPOT_HTTP_MEDIA_H

#include "server/base/arena.h"

#include <stdbool.h>

struct media_parameter {
    const char *name;
    const char *value; /* without quotes; "" where there is none */
};

struct media_range {
    const char *type;                         /* type/subtype, either of which may be * */
    const struct media_parameter *parameters; /* but q */
    size_t parameter_count;
    int quality; /* thousandths */
};

/** The ranges of a field, in order; parts that are not well formed are left out. NULL: none. */
const struct media_range *media_ranges(struct arena *arena, const char *accept, size_t *out_count);

/** How exactly a range names a media type: 3 whole, 2 by its first half, 1 as anything, 0 not. */
int media_exactness(const struct media_range *range, const char *media_type);

#endif
