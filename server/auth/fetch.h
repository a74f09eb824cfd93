/*
 * Fetching a key set over HTTP: one bounded GET, made for a thread that may wait.
 *
 * The only place of this room that knows libcurl. Certificates are checked against the system's
 * authorities (or those of SSL_CERT_FILE), redirects are not followed, and nothing but https is
 * spoken except to this machine itself.
 */
#ifndef ENTREPOT_AUTH_FETCH_H
#define ENTREPOT_AUTH_FETCH_H

#include "server/base/problem.h"

#include <stdatomic.h>

struct fetch_answer {
    const char *body; /* in arena, a NUL behind it */
    size_t size;
    int64_t max_age_ms; /* of Cache-Control, less Age; -1 when it says nothing, 0 when it forbids */
};

/**
 * May keys be fetched from this URL: https, or http on a loopback address; no user name in it?
 *
 * Fails   PROBLEM_START.
 */
struct problem *fetch_check_url(struct arena *arena, const char *url) MUST_USE;

/**
 * Fetch a URL that was checked.
 *
 * Takes   limit: the largest body; timeout_ms: for all of it; cancel: looked at while waiting, the
 *         fetch ends soon after it is true.
 * Fails   PROBLEM_STORE, with what happened in the detail: no answer, not 200, too large.
 */
struct problem *fetch_get(struct arena *arena, const char *url, size_t limit, int64_t timeout_ms,
                          atomic_bool *cancel, struct fetch_answer *out_answer) MUST_USE;

/** max-age of a Cache-Control field as max_age_ms above, without Age. field may be NULL. */
int64_t fetch_max_age_ms(struct arena *arena, const char *field);

#endif
