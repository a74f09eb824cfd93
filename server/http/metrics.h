/*
 * Counters of requests, per route and loop: written by one loop thread, read by any at any time.
 *
 * A counter has one writer, so adding is a plain load and store, made atomic only to be readable.
 */
#ifndef ENTREPOT_HTTP_METRICS_H
#define ENTREPOT_HTTP_METRICS_H

#include "http.h"

#include <stdatomic.h>

#define METRICS_CLASSES 6
#define METRICS_BUCKETS 12

/* Gives routes numbers: 0 is no route at all. Plain data, fixed after start. */
struct route_index {
    const struct route **routes; /* [0] is NULL */
    size_t count;
};

void route_index_init(struct route_index *index, struct arena *arena,
                      const struct route_set *const *sets,
                      const struct route_set *const *more_sets);
size_t route_index_of(const struct route_index *index, const struct route *route);

struct route_counters {
    atomic_uint_fast64_t by_status_class[METRICS_CLASSES];
    atomic_uint_fast64_t bytes_in;
    atomic_uint_fast64_t bytes_out;
    atomic_uint_fast64_t duration_us;
    atomic_uint_fast64_t buckets[METRICS_BUCKETS];
};

void route_counters_add(struct route_counters *counters, int status, uint64_t bytes_in,
                        uint64_t bytes_out, uint64_t duration_us);

#endif
