#include "routes.h"

#include "explain.h"
#include "server/rows/known.h"
#include "server/rows/rows.h"

#define ROW_FORMATS                                                                                \
    "application/json application/x-ndjson text/csv application/vnd.apache.parquet "               \
    "application/vnd.apache.arrow.stream"
#define ROW_OPTIONS "apply select filter orderby top skip count skiptoken maxpagesize format"

static struct problem *answer_rows(struct request *rq, struct reply *rp, const char *snapshot)
{
    struct selection *selection;
    const struct selection_ask ask = { .dataset = request_path(rq, 0),
                                       .root = "/output",
                                       .snapshot = snapshot };
    if (known_answer(rq, rp))
        return NULL;
    TRY(selection_make(rq, &ask, &selection));
    return rows_answer(rq, rp, selection);
}

static struct problem *get_rows(struct request *rq, struct reply *rp)
{
    return answer_rows(rq, rp, NULL);
}

static struct problem *get_snapshot_rows(struct request *rq, struct reply *rp)
{
    return answer_rows(rq, rp, request_path(rq, 1));
}

static json_t *snapshot_json(struct request *rq, const struct catalogue_datum *datum,
                             const struct catalogue_snapshot *snapshot)
{
    return json_pack("{s:I, s:b, s:s, s:o, s:I, s:I, s:I, s:s, s:s, s:s}", "snapshot",
                     (json_int_t)snapshot->number, "current", snapshot->number == datum->current,
                     "state", snapshot->retired ? "retired" : "published", "published_at",
                     server_json_time(rq, snapshot->published_at), "rows",
                     (json_int_t)snapshot->rows, "bytes", (json_int_t)snapshot->bytes, "run",
                     (json_int_t)snapshot->run_id, "contract_version", snapshot->contract->version,
                     "sha256", snapshot->sha256, "href",
                     arena_print(rq->arena, "%s/output/%s/snapshots/%lld", request_base_url(rq),
                                 datum->name, (long long)snapshot->number));
}

static struct problem *get_snapshots(struct request *rq, struct reply *rp)
{
    static const char *const known[] = { NULL };
    const struct catalogue_datum *datum;
    struct access_decision decision;
    TRY(server_known_options(rq, known));
    TRY(server_dataset(rq, CONTRACT_OF_OUTPUT, request_path(rq, 0), ACCESS_READ, &datum,
                       &decision));
    reply_header(rp, "Cache-Control", "private, no-cache");
    if (reply_not_modified(rq, rp, server_etag(rq, datum->name)))
        return NULL;
    json_t *list = json_array();
    for (size_t i = datum->snapshot_count; i-- > 0;)
        /* takes the reference also when it fails; a NULL list becomes a problem in reply_json */
        (void)json_array_append_new(list, snapshot_json(rq, datum, &datum->snapshots[i]));
    return reply_json(rq, rp, 200, list);
}

static const struct route routes[] = {
    { GET, "/output/{dataset}", SCOPE_OUTPUT_READ, READ, ROUTE_STREAMS, get_rows,
      "Rows of the current snapshot", ROW_FORMATS, ROW_OPTIONS " snapshot" },
    { GET, "/output/{dataset}/explain", SCOPE_CONTROL_READ, WORK, 0, explain_answer,
      "How Postgres would answer a query for rows", NULL, ROW_OPTIONS " snapshot" },
    { GET, "/output/{dataset}/snapshots", SCOPE_OUTPUT_READ, READ, 0, get_snapshots,
      "Snapshots, newest first", NULL, NULL },
    { GET, "/output/{dataset}/snapshots/{number}", SCOPE_OUTPUT_READ, READ, ROUTE_STREAMS,
      get_snapshot_rows, "Rows of one snapshot, which never change", ROW_FORMATS, ROW_OPTIONS },
};
const struct route_set output_routes = { "output", routes, COUNT(routes) };
