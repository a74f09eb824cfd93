#include "routes.h"

#include "changes.h"
#include "download.h"
#include "explain.h"
#include "server/rows/as_of.h"
#include "server/rows/known.h"
#include "server/rows/rows.h"
#include "snapshot.h"

#define ROW_FORMATS                                                                                \
    "application/json application/x-ndjson text/csv application/vnd.apache.parquet "               \
    "application/vnd.apache.arrow.stream"
#define ROW_OPTIONS "apply select filter orderby top skip count skiptoken maxpagesize format"

/* The name of a format, and its media type. */
#define FILE_ROUTE(format, media_type)                                                             \
    {                                                                                              \
        GET, "/output/{dataset}/snapshots/{number}/data." format, SCOPE_OUTPUT_READ, READ,         \
            ROUTE_FILE | ROUTE_STREAMS | ROUTE_MAY_PARK, download_get,                             \
            "All rows of one snapshot as a file, also in parts", media_type, NULL                  \
    }

static struct problem *give_rows(struct request *rq, struct reply *rp, struct selection *selection,
                                 void *context)
{
    (void)context;
    return rows_answer(rq, rp, selection);
}

static struct problem *answer_rows(struct request *rq, struct reply *rp, const char *snapshot)
{
    if (known_answer(rq, rp))
        return NULL;
    struct selection_ask *ask = arena_new_of(rq->arena, struct selection_ask);
    *ask = (struct selection_ask){ .dataset = request_path(rq, 0),
                                   .root = "/output",
                                   .snapshot = snapshot };
    return as_of_select(rq, rp, ask, give_rows, NULL);
}

static struct problem *get_rows(struct request *rq, struct reply *rp)
{
    return answer_rows(rq, rp, NULL);
}

static struct problem *get_snapshot_rows(struct request *rq, struct reply *rp)
{
    return answer_rows(rq, rp, request_path(rq, 1));
}

static const struct route routes[] = {
    { GET, "/output/{dataset}", SCOPE_OUTPUT_READ, READ, ROUTE_STREAMS, get_rows,
      "Rows of the current snapshot", ROW_FORMATS, ROW_OPTIONS " snapshot as_of" },
    { GET, "/output/{dataset}/explain", SCOPE_CONTROL_READ, WORK, 0, explain_answer,
      "How Postgres would answer a query for rows", NULL, ROW_OPTIONS " snapshot" },
    { GET, "/output/{dataset}/changes", SCOPE_OUTPUT_READ, READ, ROUTE_STREAMS, changes_get,
      "Rows added, removed and changed from one snapshot to another", ROW_FORMATS,
      "from to format" },
    { GET, "/output/{dataset}/snapshots", SCOPE_OUTPUT_READ, READ, 0, snapshot_list,
      "Snapshots, newest first", NULL, NULL },
    { GET, "/output/{dataset}/snapshots/{number}", SCOPE_OUTPUT_READ, READ, ROUTE_STREAMS,
      get_snapshot_rows, "Rows of one snapshot, which never change", ROW_FORMATS, ROW_OPTIONS },
    { GET, "/output/{dataset}/snapshots/{number}/files", SCOPE_OUTPUT_READ, READ, 0, download_list,
      "Files of one snapshot", "application/json application/yaml", "format" },
    FILE_ROUTE("parquet", "application/vnd.apache.parquet"),
    FILE_ROUTE("arrow", "application/vnd.apache.arrow.stream"),
    FILE_ROUTE("csv", "text/csv"),
    FILE_ROUTE("ndjson", "application/x-ndjson"),
    FILE_ROUTE("json", "application/json"),
};

static const struct route_service service = { .title = "rows over HTTP",
                                              .dataset = "/output/{dataset}" };

const struct route_set output_routes = {
    .port = "output",
    .list = routes,
    .count = COUNT(routes),
    .root = "/output",
    .service = &service,
};
