#include "routes.h"

#include "lineage.h"
#include "metrics.h"
#include "quality.h"
#include "server/server.h"

#include <stdatomic.h>
#include <string.h>

static struct problem *get_live(struct request *rq, struct reply *rp)
{
    reply_header(rp, "Cache-Control", "no-store");
    return reply_json(rq, rp, 200, json_pack("{s:s}", "status", "live"));
}

/* Answered by the database itself: a server that cannot read cannot serve. */
static struct problem *finish_ready(struct request *rq, struct reply *rp, void *context,
                                    struct problem *problem, const char *sqlstate,
                                    const struct lane_rows *rows)
{
    (void)context;
    (void)sqlstate;
    (void)rows;
    if (problem)
        return problem;
    const struct server *server = server_of(rq);
    const struct catalogue *catalogue = server_catalogue(rq);
    json_t *reasons = json_array();
    for (size_t i = 0; server->degraded[i]; i++)
        /* a list that cannot grow becomes a problem in reply_json */
        (void)json_array_append_new(reasons, json_string(server->degraded[i]));
    reply_header(rp, "Cache-Control", "no-store");
    return reply_json(rq, rp, 200,
                      json_pack("{s:s, s:s, s:s, s:I, s:o}", "status",
                                server->degraded[0] ? "degraded" : "ready", "product",
                                catalogue->product.id, "version", catalogue->product.version,
                                "revision", (json_int_t)catalogue->revision, "degraded", reasons));
}

static struct problem *get_ready(struct request *rq, struct reply *rp)
{
    static const struct db_query query = { "SELECT 1", NULL, 0 };
    return reply_rows(rq, rp, &query, finish_ready, NULL);
}

static struct problem *get_metrics(struct request *rq, struct reply *rp)
{
    const struct server *server = server_of(rq);
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    struct http_metrics metrics = { 0 };
    struct http *http = atomic_load(&server->http);
    if (http)
        http_metrics(http, rq->arena, &metrics);
    metrics_of_process(server->started_at, &text);
    metrics_of_http(&metrics, &text);
    metrics_of_catalogue(server_catalogue(rq), &text);
    reply_header(rp, "Cache-Control", "no-store");
    return reply_text(rq, rp, 200, "text/plain; version=0.0.4; charset=utf-8",
                      arena_copy(rq->arena, text.data, text.size), text.size);
}

static const struct route routes[] = {
    { GET, "/observability/health/live", SCOPE_PUBLIC, READ, 0, get_live,
      "Does the process answer?", NULL, NULL },
    { GET, "/observability/health/ready", SCOPE_PUBLIC, READ, 0, get_ready,
      "Can it serve: does the database answer?", NULL, NULL },
    { GET, "/observability/metrics", SCOPE_OBSERVABILITY_READ, READ, 0, get_metrics,
      "Counters in Prometheus's text format", "text/plain", NULL },
    { GET, "/observability/lineage", SCOPE_OBSERVABILITY_READ, WORK, ROUTE_STREAMS, lineage_list,
      "Runs as OpenLineage events, newest first", "application/json application/x-ndjson",
      "before after top" },
    { GET, "/observability/quality", SCOPE_OBSERVABILITY_READ, WORK, 0, quality_list,
      "What the rules of contracts found in the last run of each dataset", NULL,
      "dataset run snapshot outcome" },
    { GET, "/observability/quality/{id}/rows", SCOPE_OBSERVABILITY_READ, WORK, 0, quality_list_rows,
      "Some of the rows that broke a rule", NULL, NULL },
};
const struct route_set observability_routes = { "observability", routes, COUNT(routes) };
