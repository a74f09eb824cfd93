#include "routes.h"

#include "function.h"
#include "pipeline.h"
#include "run.h"

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
    { POST, "/control/pipelines/{name}/runs", SCOPE_CONTROL_WRITE, WORK, ROUTE_DOCUMENT, run_post,
      "Ask for a run", NULL, NULL },
    { GET, "/control/functions", SCOPE_CONTROL_READ, READ, 0, function_list,
      "What the SQL of a step may use, each with its reason", NULL, "list name" },
    { GET, "/control/runs", SCOPE_CONTROL_READ, WORK, 0, run_list, "Runs, newest first", NULL,
      "pipeline state before top" },
    { GET, "/control/runs/{id}", SCOPE_CONTROL_READ, READ, ROUTE_MAY_PARK, run_get,
      "One run; wait=30 waits for its end", NULL, "wait" },
    { POST, "/control/runs/{id}/cancel", SCOPE_CONTROL_WRITE, WORK, 0, run_post_cancel,
      "Stop a run", NULL, NULL },
};
const struct route_set control_routes = { "control", routes, COUNT(routes) };
