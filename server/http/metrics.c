#include "exchange.h"

#include "metrics.h"

#include <assert.h>

const uint64_t http_duration_bounds_us[METRICS_BUCKETS - 1] = {
    1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000, 30000000,
};

static size_t count_routes(const struct route_set *const *sets)
{
    size_t count = 0;
    for (; sets && *sets; sets++)
        count += (*sets)->count;
    return count;
}

static void add_routes(struct route_index *index, const struct route_set *const *sets)
{
    for (; sets && *sets; sets++)
        for (size_t i = 0; i < (*sets)->count; i++)
            index->routes[index->count++] = &(*sets)->list[i];
}

void route_index_init(struct route_index *index, struct arena *arena,
                      const struct route_set *const *sets, const struct route_set *const *more_sets)
{
    size_t count = 1 + count_routes(sets) + count_routes(more_sets);
    index->routes = arena_array_of(arena, const struct route *, count);
    index->count = 1; /* the first stands for requests that found no route */
    add_routes(index, sets);
    add_routes(index, more_sets);
}

size_t route_index_of(const struct route_index *index, const struct route *route)
{
    size_t i = 0;
    while (index->routes[i] != route)
        i++;
    assert(i < index->count);
    return i;
}

static void bump(atomic_uint_fast64_t *counter, uint64_t by)
{
    uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, before + by, memory_order_relaxed);
}

static uint64_t look(atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void route_counters_add(struct route_counters *counters, int status, uint64_t bytes_in,
                        uint64_t bytes_out, uint64_t duration_us)
{
    size_t bucket = 0;
    while (bucket < METRICS_BUCKETS - 1 && duration_us > http_duration_bounds_us[bucket])
        bucket++;
    assert(status >= 100 && status / 100 < METRICS_CLASSES);
    bump(&counters->by_status_class[status / 100], 1);
    bump(&counters->bytes_in, bytes_in);
    bump(&counters->bytes_out, bytes_out);
    bump(&counters->duration_us, duration_us);
    bump(&counters->buckets[bucket], 1);
}

static void add_counters(struct http_route_metrics *sum, struct route_counters *counters)
{
    for (size_t i = 0; i < METRICS_CLASSES; i++)
        sum->by_status_class[i] += look(&counters->by_status_class[i]);
    sum->bytes_in += look(&counters->bytes_in);
    sum->bytes_out += look(&counters->bytes_out);
    sum->duration_us += look(&counters->duration_us);
    for (size_t i = 0; i < METRICS_BUCKETS; i++)
        sum->duration_buckets[i] += look(&counters->buckets[i]);
}

void http_metrics(struct http *http, struct arena *arena, struct http_metrics *out_metrics)
{
    struct http_metrics metrics = {
        .workers_busy = workers_busy(http->workers),
        .workers_queued = workers_queued(http->workers),
        .streams_busy = workers_busy(http->streams),
        .streams_queued = workers_queued(http->streams),
        .route_count = http->index.count,
    };
    struct http_route_metrics *routes =
        arena_array_of(arena, struct http_route_metrics, http->index.count);
    for (size_t i = 0; i < http->index.count; i++)
        routes[i].route = http->index.routes[i];
    for (size_t i = 0; i < http->loop_count; i++) {
        struct loop *loop = &http->loops[i];
        metrics.connections += atomic_load_explicit(&loop->gauge_connections, memory_order_relaxed);
        metrics.parked += atomic_load_explicit(&loop->gauge_parked, memory_order_relaxed);
        metrics.lane_pending += atomic_load_explicit(&loop->gauge_pending, memory_order_relaxed);
        metrics.lane_connected +=
            atomic_load_explicit(&loop->gauge_connected, memory_order_relaxed);
        for (size_t route = 0; route < http->index.count; route++)
            add_counters(&routes[route], &loop->counters[route]);
    }
    metrics.routes = routes;
    *out_metrics = metrics;
}
