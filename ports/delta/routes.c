#include "routes.h"

#include "dialect.h"
#include "file.h"
#include "metadata.h"
#include "profile.h"
#include "query.h"
#include "share.h"
#include "table.h"

#define ROOT "/delta-sharing"
#define SHARE ROOT "/shares/{share}"
#define SCHEMA SHARE "/schemas/{schema}"
#define TABLE SCHEMA "/tables/{table}"
#define PAGES "maxResults pageToken"
#define LINES "application/x-ndjson"

static const struct route routes[] = {
    { GET, ROOT "/profile", SCOPE_OUTPUT_READ, READ, 0, profile_get,
      "The profile file of clients, with the token of this request", NULL, NULL },
    { GET, ROOT "/shares", SCOPE_OUTPUT_READ, READ, 0, share_list, "The share of this product",
      NULL, PAGES },
    { GET, SHARE, SCOPE_OUTPUT_READ, READ, 0, share_get, "The share by its name", NULL, NULL },
    { GET, SHARE "/schemas", SCOPE_OUTPUT_READ, READ, 0, share_schemas, "The schema of the share",
      NULL, PAGES },
    { GET, SHARE "/all-tables", SCOPE_OUTPUT_READ, READ, 0, table_list_all,
      "The tables of the share", NULL, PAGES },
    { GET, SCHEMA "/tables", SCOPE_OUTPUT_READ, READ, 0, table_list, "The tables of the schema",
      NULL, PAGES },
    { GET, TABLE, SCOPE_OUTPUT_READ, READ, 0, table_get, "A table, with its version in a field",
      NULL, "startingTimestamp" },
    { GET, TABLE "/version", SCOPE_OUTPUT_READ, READ, 0, table_version,
      "The version of a table, in a field", "text/plain", "startingTimestamp" },
    { GET, TABLE "/metadata", SCOPE_OUTPUT_READ, READ, 0, metadata_get_table,
      "The columns of a table", LINES, "version timestamp" },
    { POST, TABLE "/query", SCOPE_OUTPUT_READ, WORK, ROUTE_DOCUMENT | ROUTE_STREAMS, query_post,
      "The files of a table, each behind a signed URL", LINES, NULL },
    { GET, TABLE "/changes", SCOPE_OUTPUT_READ, READ, 0, query_changes, "Not served: 400", LINES,
      "startingVersion endingVersion startingTimestamp endingTimestamp" },
    { GET, ROOT "/files/{snapshot}", SCOPE_PUBLIC, READ, ROUTE_FILE, file_get,
      "A file by its signed URL, which needs no token", "application/vnd.apache.parquet",
      "expires signature" },
};

/* The protocol has no document that describes it. */
static const struct route_link links[] = {
    { "service-meta", ROOT "/profile", "application/json" },
};

static const struct route_service service = {
    .title = "Delta Sharing",
    .entry = ROOT "/shares",
    .dataset = ROOT "/shares/{product}/schemas/" SHARE_SCHEMA "/tables/{dataset}",
    .links = links,
    .link_count = COUNT(links),
};

const struct route_set delta_routes = {
    .port = "delta-sharing",
    .list = routes,
    .count = COUNT(routes),
    .root = ROOT,
    .problems = &dialect_delta,
    .service = &service,
};
