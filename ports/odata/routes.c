#include "routes.h"

#include "entity.h"
#include "metadata.h"
#include "property.h"
#include "protocol.h"
#include "service.h"

#define SET_OPTIONS                                                                                \
    "$apply $select $filter $orderby $top $skip $count $skiptoken $format snapshot as_of"
#define ONE_OPTIONS "$select $format snapshot as_of"
#define CSDL_FORMATS "application/xml application/json"

/* What OData knows and no reader needs: batches, and queries in a body. */
static struct problem *refuse(struct request *rq, struct reply *rp)
{
    (void)rp;
    return problem_new(rq->arena, &PROBLEM_NOT_IMPLEMENTED,
                       "batches and queries in a body are not served: send each request by itself, "
                       "with its options in the URL");
}

static const struct route routes[] = {
    { GET, "/odata", SCOPE_OUTPUT_READ, READ, ROUTE_BASIC, service_get,
      "The OData service document", NULL, "$format" },
    { GET, "/odata/", SCOPE_OUTPUT_READ, READ, ROUTE_BASIC, service_get,
      "The OData service document", NULL, "$format" },
    { GET, "/odata/$metadata", SCOPE_OUTPUT_READ, READ, ROUTE_BASIC, metadata_get,
      "The model of all sets (CSDL)", CSDL_FORMATS, "$format" },
    { POST, "/odata/$batch", SCOPE_OUTPUT_READ, WORK, ROUTE_BASIC | ROUTE_DOCUMENT, refuse,
      "Not served: 501", NULL, NULL },
    { GET, "/odata/{set}", SCOPE_OUTPUT_READ, READ, ROUTE_BASIC, entity_get,
      "A page of entities, or with set(key) one entity", NULL, SET_OPTIONS },
    { GET, "/odata/{set}/$count", SCOPE_OUTPUT_READ, READ, ROUTE_BASIC, entity_count,
      "How many entities there are", "text/plain", "$apply $filter snapshot as_of" },
    { POST, "/odata/{set}/$query", SCOPE_OUTPUT_READ, WORK, ROUTE_BASIC | ROUTE_DOCUMENT, refuse,
      "Not served: 501", NULL, NULL },
    { GET, "/odata/{set}/{part}", SCOPE_OUTPUT_READ, READ, ROUTE_BASIC, property_get,
      "A property of set(key), or the entity of set/key", NULL, ONE_OPTIONS },
    { GET, "/odata/{set}/{part}/$value", SCOPE_OUTPUT_READ, READ, ROUTE_BASIC, property_value,
      "A property of set(key) by itself", "text/plain", "snapshot as_of" },
    { GET, "/odata/{set}/{key}/{property}", SCOPE_OUTPUT_READ, READ, ROUTE_BASIC,
      property_get_by_segment, "A property of the entity of set/key", NULL,
      "$format snapshot as_of" },
    { GET, "/odata/{set}/{key}/{property}/$value", SCOPE_OUTPUT_READ, READ, ROUTE_BASIC,
      property_value_by_segment, "A property of the entity of set/key by itself", "text/plain",
      "snapshot as_of" },
};

static const struct route_link links[] = {
    { "service-desc", "/odata/$metadata", "application/xml" },
    { "service-desc", "/odata/$metadata?$format=json", "application/json" },
    { "service-meta", "/odata/", "application/json" },
};

static const struct route_service service = {
    .title = "OData 4.01",
    .entry = "/odata/",
    .dataset = "/odata/{dataset}",
    .links = links,
    .link_count = COUNT(links),
};

const struct route_set odata_routes = {
    .port = "odata",
    .list = routes,
    .count = COUNT(routes),
    .root = ODATA_ROOT,
    .problems = &PROBLEM_ODATA,
    .begin_reply = protocol_begin_reply,
    .service = &service,
};
