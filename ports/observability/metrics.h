/*
 * Metrics in Prometheus's text format, from the counters of the HTTP server and the catalogue.
 */
#ifndef ENTREPOT_PORTS_OBSERVABILITY_METRICS_H
#define ENTREPOT_PORTS_OBSERVABILITY_METRICS_H

#include "server/base/buffer.h"
#include "server/http/http.h"
#include "server/model/catalogue.h"

/** Append what the HTTP server counted. */
void metrics_of_http(const struct http_metrics *metrics, struct buffer *out);

/** Append what the catalogue knows: rows, bytes, snapshot and age of every output dataset. */
void metrics_of_catalogue(const struct catalogue *catalogue, struct buffer *out);

/** Append what the process knows of itself: start time, version, resident memory. */
void metrics_of_process(int64_t started_at, struct buffer *out);

#endif
