#include "routes.h"

#include "dataset.h"
#include "descriptor.h"
#include "lineage.h"
#include "openapi.h"
#include "wellknown.h"

#define DOCUMENTS "application/json application/yaml"

static const struct route routes[] = {
    { GET, "/.well-known/api-catalog", SCOPE_DISCOVERY, READ, 0, wellknown_api_catalog,
      "Where a crawler starts (RFC 9727)", "application/linkset+json", NULL },
    { GET, "/.well-known/oauth-protected-resource", SCOPE_PUBLIC, READ, 0,
      wellknown_protected_resource, "Who issues tokens for this product (RFC 9728)", NULL, NULL },
    { GET, "/discovery/product", SCOPE_DISCOVERY, READ, 0, descriptor_get_product,
      "The product's descriptor (Bitol ODPS)", DOCUMENTS, "format" },
    { GET, "/discovery/contracts", SCOPE_DISCOVERY, READ, 0, descriptor_list_contracts,
      "Every version of every contract", NULL, NULL },
    { GET, "/discovery/contracts/{id}/{version}", SCOPE_DISCOVERY, READ, 0, descriptor_get_contract,
      "A data contract (Bitol ODCS)", DOCUMENTS, "format" },
    { GET, "/discovery/datasets", SCOPE_DISCOVERY, READ, 0, dataset_list,
      "Datasets with their columns and current snapshots", NULL, NULL },
    { GET, "/discovery/datasets/{name}", SCOPE_DISCOVERY, READ, 0, dataset_get, "One dataset", NULL,
      NULL },
    { GET, "/discovery/pipelines", SCOPE_DISCOVERY, READ, 0, descriptor_list_pipelines,
      "Pipelines in their current versions", NULL, NULL },
    { GET, "/discovery/pipelines/{name}", SCOPE_DISCOVERY, READ, 0, descriptor_get_pipeline,
      "A pipeline with its SQL: how the data is made", DOCUMENTS, "format" },
    { GET, "/discovery/lineage", SCOPE_DISCOVERY, READ, 0, lineage_get,
      "Where columns come from: datasets, pipelines and the ways between them", NULL,
      "dataset snapshot" },
    { GET, "/discovery/openapi.json", SCOPE_DISCOVERY, READ, 0, openapi_get,
      "This API as OpenAPI 3.1", "application/vnd.oai.openapi+json", NULL },
};
const struct route_set discovery_routes = { "discovery", routes, COUNT(routes) };
