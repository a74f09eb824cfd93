#include "routes.h"

#include "backfill.h"
#include "dataset.h"
#include "event.h"
#include "function.h"
#include "pipeline.h"
#include "plan.h"
#include "run.h"
#include "run_action.h"
#include "snapshot_diff.h"
#include "trigger.h"

#define DOCUMENTS "application/json application/yaml"

static const struct route routes[] = {
    { GET, "/control/pipelines", SCOPE_CONTROL_READ, READ, 0, pipeline_list,
      "Pipelines in their current versions", NULL, NULL },
    { PUT, "/control/pipelines/{name}", SCOPE_CONTROL_WRITE, WORK, ROUTE_DOCUMENT, pipeline_put,
      "Check a pipeline, store its version and make it current", NULL, NULL },
    { GET, "/control/pipelines/{name}", SCOPE_CONTROL_READ, READ, 0, pipeline_get,
      "A pipeline's document", DOCUMENTS, "format" },
    { DELETE, "/control/pipelines/{name}", SCOPE_CONTROL_WRITE, WORK, 0, pipeline_delete,
      "Retire a pipeline; its versions and runs stay", NULL, NULL },
    { GET, "/control/pipelines/{name}/versions/{version}", SCOPE_CONTROL_READ, READ, 0,
      pipeline_get_version, "One version of a pipeline", DOCUMENTS, "format" },
    { POST, "/control/pipelines/{name}/plan", SCOPE_CONTROL_READ, WORK, ROUTE_DOCUMENT, plan_post,
      "What a run would read, make and change; runs nothing, but for a sample when asked for one",
      NULL, "sample" },
    { POST, "/control/pipelines/{name}/runs", SCOPE_CONTROL_WRITE, WORK, ROUTE_DOCUMENT, run_post,
      "Ask for a run", NULL, NULL },
    { GET, "/control/pipelines/{name}/triggers", SCOPE_CONTROL_READ, WORK, 0, trigger_get_all,
      "What starts runs of a pipeline, and when next", NULL, NULL },
    { POST, "/control/pipelines/{name}/backfills", SCOPE_CONTROL_WRITE, WORK, ROUTE_DOCUMENT,
      backfill_post, "Ask for a list of runs, one after the other", NULL, NULL },
    { GET, "/control/backfills/{id}", SCOPE_CONTROL_READ, WORK, 0, backfill_get,
      "How far a backfill is", NULL, NULL },
    { POST, "/control/backfills/{id}/cancel", SCOPE_CONTROL_WRITE, WORK, 0, backfill_post_cancel,
      "Stop the runs of a backfill", NULL, NULL },
    { GET, "/control/functions", SCOPE_CONTROL_READ, READ, 0, function_list,
      "What the SQL of a step may use, each with its reason", NULL, "list name" },
    { GET, "/control/runs", SCOPE_CONTROL_READ, WORK, 0, run_list, "Runs, newest first", NULL,
      "pipeline state before top" },
    { GET, "/control/runs/{id}", SCOPE_CONTROL_READ, READ, ROUTE_MAY_PARK, run_get,
      "One run; wait=30 waits for its end", NULL, "wait" },
    { GET, "/control/runs/{id}/events", SCOPE_CONTROL_READ, READ, ROUTE_MAY_PARK, event_get_all,
      "One run as it goes on, to its end: server-sent events", "text/event-stream", NULL },
    { POST, "/control/runs/{id}/cancel", SCOPE_CONTROL_WRITE, WORK, 0, run_post_cancel,
      "Stop a run", NULL, NULL },
    { POST, "/control/runs/{id}/retry", SCOPE_CONTROL_WRITE, WORK, 0, run_post_retry,
      "Repeat a run that did not succeed, over the same inputs; finished steps are taken up", NULL,
      NULL },
    { POST, "/control/runs/{id}/publish", SCOPE_CONTROL_WRITE, WORK, 0, run_post_publish,
      "Publish what a staged run has made", NULL, NULL },
    { POST, "/control/datasets/{name}/rollback", SCOPE_CONTROL_WRITE, WORK, ROUTE_DOCUMENT,
      dataset_post_rollback, "Let readers see another snapshot that is kept", NULL, NULL },
    { GET, "/control/datasets/{name}/publications", SCOPE_CONTROL_READ, WORK, 0,
      dataset_get_publications, "Every move of a dataset's pointer, newest first", NULL,
      "before top" },
    { GET, "/control/datasets/{name}/diff", SCOPE_CONTROL_READ, WORK, 0, snapshot_diff_get,
      "What differs between two snapshots: columns, rows, keys", NULL, "from to" },
    { PUT, "/control/datasets/{name}/pins/{number}", SCOPE_CONTROL_WRITE, WORK, ROUTE_DOCUMENT,
      dataset_put_pin, "Keep a snapshot whatever the retention says", NULL, NULL },
    { DELETE, "/control/datasets/{name}/pins/{number}", SCOPE_CONTROL_WRITE, WORK, 0,
      dataset_delete_pin, "Leave a snapshot to the retention again", NULL, NULL },
};
const struct route_set control_routes = { "control", routes, COUNT(routes) };
