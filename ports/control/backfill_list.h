/*
 * What a backfill asks for: runs written out, or the values of one parameter from a first to a
 * last.
 *
 *     {"runs": [{"parameters": {"day": "2026-01-01"}}, …], "publish": true}
 *     {"parameter": "day", "from": "2026-01-01", "to": "2026-01-31", "step": "P1D",
 *      "parameters": {"top": 10}}
 */
#ifndef ENTREPOT_PORTS_CONTROL_BACKFILL_LIST_H
#define ENTREPOT_PORTS_CONTROL_BACKFILL_LIST_H

#include "server/model/pipeline_document.h"

struct backfill_list {
    const char **parameters; /* JSON object of each run, in order; ended by NULL */
    size_t count;
    bool publish;
    const char *sha256; /* of the request, however it was written */
};

/**
 * Read the body of a request; the values of parameters are not checked, but for those counted here.
 *
 * Takes   most: runs it may have.
 * Fails   PROBLEM_INVALID_DOCUMENT with the line of each fault.
 */
struct problem *backfill_list_read(struct arena *arena, const char *text, size_t size,
                                   const struct pipeline_document *document, size_t most,
                                   struct backfill_list *out_list) MUST_USE;

#endif
