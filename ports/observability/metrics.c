#include "metrics.h"

#include <stdio.h>

/* A family's HELP and TYPE lines. */
static void family(struct buffer *out, const char *name, const char *type, const char *help)
{
    buffer_print(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void gauge(struct buffer *out, const char *name, const char *help, double value)
{
    family(out, name, "gauge", help);
    buffer_print(out, "%s %.15g\n", name, value);
}

/* Labels of a route; names of routes need no escaping, they are ours. */
static void labels(struct buffer *out, const struct http_route_metrics *metrics)
{
    static const char *const methods[METHOD_COUNT] = { "NONE", "GET",    "HEAD",   "POST",
                                                       "PUT",  "DELETE", "OPTIONS" };
    if (metrics->route)
        buffer_print(out, "method=\"%s\",route=\"%s\"", methods[metrics->route->method],
                     metrics->route->path);
    else
        buffer_add_text(out, "method=\"\",route=\"\"");
}

static void requests(const struct http_metrics *metrics, struct buffer *out)
{
    family(out, "entrepot_http_requests_total", "counter",
           "Requests answered, by route and class of status.");
    for (size_t i = 0; i < metrics->route_count; i++)
        for (int status = 1; status < 6; status++) {
            const struct http_route_metrics *route = &metrics->routes[i];
            if (!route->by_status_class[status])
                continue;
            buffer_add_text(out, "entrepot_http_requests_total{");
            labels(out, route);
            buffer_print(out, ",status=\"%dxx\"} %llu\n", status,
                         (unsigned long long)route->by_status_class[status]);
        }
}

static uint64_t answered(const struct http_route_metrics *route)
{
    uint64_t count = 0;
    for (int status = 0; status < 6; status++)
        count += route->by_status_class[status];
    return count;
}

static void bytes(const struct http_metrics *metrics, struct buffer *out, const char *name,
                  const char *help, bool outwards)
{
    family(out, name, "counter", help);
    for (size_t i = 0; i < metrics->route_count; i++) {
        const struct http_route_metrics *route = &metrics->routes[i];
        if (!answered(route))
            continue;
        buffer_print(out, "%s{", name);
        labels(out, route);
        buffer_print(out, "} %llu\n",
                     (unsigned long long)(outwards ? route->bytes_out : route->bytes_in));
    }
}

static void durations(const struct http_metrics *metrics, struct buffer *out)
{
    const char *name = "entrepot_http_request_duration_seconds";
    family(out, name, "histogram", "Time from the request to the end of its answer.");
    for (size_t i = 0; i < metrics->route_count; i++) {
        const struct http_route_metrics *route = &metrics->routes[i];
        uint64_t below = 0;
        for (size_t bucket = 0; bucket < COUNT(route->duration_buckets); bucket++)
            below += route->duration_buckets[bucket];
        if (!below)
            continue;
        uint64_t all = below;
        below = 0;
        for (size_t bucket = 0; bucket < COUNT(http_duration_bounds_us); bucket++) {
            below += route->duration_buckets[bucket];
            buffer_print(out, "%s_bucket{", name);
            labels(out, route);
            buffer_print(out, ",le=\"%.9g\"} %llu\n", (double)http_duration_bounds_us[bucket] / 1e6,
                         (unsigned long long)below);
        }
        buffer_print(out, "%s_bucket{", name);
        labels(out, route);
        buffer_print(out, ",le=\"+Inf\"} %llu\n%s_sum{", (unsigned long long)all, name);
        labels(out, route);
        buffer_print(out, "} %.9g\n%s_count{", (double)route->duration_us / 1e6, name);
        labels(out, route);
        buffer_print(out, "} %llu\n", (unsigned long long)all);
    }
}

void metrics_of_http(const struct http_metrics *metrics, struct buffer *out)
{
    requests(metrics, out);
    durations(metrics, out);
    bytes(metrics, out, "entrepot_http_received_bytes_total", "Bytes of bodies received.", false);
    bytes(metrics, out, "entrepot_http_sent_bytes_total", "Bytes of bodies sent.", true);
    gauge(out, "entrepot_http_connections", "Open connections.", (double)metrics->connections);
    gauge(out, "entrepot_http_parked_requests", "Requests that wait for an event.",
          (double)metrics->parked);
    gauge(out, "entrepot_workers_busy", "Workers that answer a request.",
          (double)metrics->workers_busy);
    gauge(out, "entrepot_workers_queued", "Requests that wait for a worker.",
          (double)metrics->workers_queued);
    gauge(out, "entrepot_streams_busy", "Workers that give out rows.",
          (double)metrics->streams_busy);
    gauge(out, "entrepot_streams_queued", "Requests for rows that wait for one of them.",
          (double)metrics->streams_queued);
    gauge(out, "entrepot_read_lane_pending", "Statements under way on the read lane.",
          (double)metrics->lane_pending);
    gauge(out, "entrepot_read_lane_connections", "Open connections of the read lane.",
          (double)metrics->lane_connected);
}

static void of_outputs(const struct catalogue *catalogue, struct buffer *out, const char *name,
                       const char *help, double (*value)(const struct catalogue_snapshot *snapshot))
{
    family(out, name, "gauge", help);
    for (size_t i = 0; i < catalogue->datum_count; i++) {
        const struct catalogue_datum *datum = &catalogue->datums[i];
        const struct catalogue_snapshot *snapshot = catalogue_snapshot(datum, datum->current);
        if (!datum->retired && snapshot)
            buffer_print(out, "%s{dataset=\"%s\",major=\"%d\"} %.17g\n", name, datum->name,
                         datum->major, value(snapshot));
    }
}

static double rows_of(const struct catalogue_snapshot *snapshot)
{
    return (double)snapshot->rows;
}

static double bytes_of(const struct catalogue_snapshot *snapshot)
{
    return (double)snapshot->bytes;
}

static double number_of(const struct catalogue_snapshot *snapshot)
{
    return (double)snapshot->number;
}

static double published_of(const struct catalogue_snapshot *snapshot)
{
    return (double)snapshot->published_at / 1e6;
}

void metrics_of_catalogue(const struct catalogue *catalogue, struct buffer *out)
{
    gauge(out, "entrepot_catalogue_revision", "Revision of the catalogue this process serves.",
          (double)catalogue->revision);
    of_outputs(catalogue, out, "entrepot_snapshot_rows", "Rows of the current snapshot.", rows_of);
    of_outputs(catalogue, out, "entrepot_snapshot_bytes", "Bytes of the current snapshot.",
               bytes_of);
    of_outputs(catalogue, out, "entrepot_snapshot_number", "Number of the current snapshot.",
               number_of);
    of_outputs(catalogue, out, "entrepot_snapshot_published_timestamp_seconds",
               "When the current snapshot was published.", published_of);
}

/* Resident memory in bytes, or 0 where /proc does not tell. */
static double resident_bytes(void)
{
    unsigned long size = 0;
    unsigned long resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    int read = fscanf(file, "%lu %lu", &size, &resident); /* NOLINT: the kernel wrote it */
    (void)fclose(file);                                   /* it was only read */
    return read == 2 ? (double)resident * (double)sysconf(_SC_PAGESIZE) : 0;
}

void metrics_of_process(int64_t started_at, struct buffer *out)
{
    family(out, "entrepot_build_info", "gauge", "The version that runs, as a label.");
    buffer_print(out, "entrepot_build_info{version=\"%s\"} 1\n", ENTREPOT_VERSION);
    gauge(out, "process_start_time_seconds", "When the process started.", (double)started_at / 1e6);
    gauge(out, "process_resident_memory_bytes", "Resident memory.", resident_bytes());
}
