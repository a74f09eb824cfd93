#include "wellknown.h"

#include "address.h"
#include "server/http/route.h"

#define LINKSET "application/linkset+json;profile=\"https://www.rfc-editor.org/info/rfc9727\""

static json_t *link_to(struct request *rq, const char *path, const char *media_type)
{
    return json_pack("{s:s, s:s*}", "href", address_url(rq, path, NULL), "type", media_type);
}

/* The APIs: each output dataset, and where clients of other protocols begin. */
static json_t *items(struct request *rq)
{
    const struct catalogue *catalogue = server_catalogue(rq);
    const struct route_set *const *sets = server_of(rq)->routes;
    json_t *list = json_array();
    /* a list that cannot grow becomes a problem in reply_json */
    for (size_t i = 0; i < catalogue->datum_count; i++) {
        const struct catalogue_datum *datum = &catalogue->datums[i];
        if (!datum->retired && datum->use == CONTRACT_OF_OUTPUT)
            (void)json_array_append_new(
                list, link_to(rq, arena_print(rq->arena, "/output/%s", datum->name), NULL));
    }
    for (size_t i = 0; sets[i]; i++)
        if (sets[i]->service && sets[i]->service->entry)
            (void)json_array_append_new(list, link_to(rq, sets[i]->service->entry, NULL));
    return list;
}

/* What describes one of them: {"anchor": …, "service-desc": […]}; NULL when out of memory. */
static json_t *service_json(struct request *rq, const struct route_service *service)
{
    json_t *json = json_pack("{s:s}", "anchor", address_url(rq, service->entry, NULL));
    int failures = json ? 0 : 1;
    for (size_t i = 0; i < service->link_count && !failures; i++) {
        const struct route_link *link = &service->links[i];
        if (!json_object_get(json, link->relation))
            failures += json_object_set_new(json, link->relation, json_array()) != 0;
        failures += json_array_append_new(json_object_get(json, link->relation),
                                          link_to(rq, link->path, link->media_type))
                    != 0;
    }
    if (!failures)
        return json;
    json_decref(json);
    return NULL;
}

struct problem *wellknown_api_catalog(struct request *rq, struct reply *rp)
{
    const struct route_set *const *sets = server_of(rq)->routes;
    const char *base = request_base_url(rq);
    reply_header(rp, "Link", "<%s/.well-known/api-catalog>; rel=\"api-catalog\"", base);
    reply_header(rp, "Cache-Control", "no-cache");
    if (reply_not_modified(rq, rp, server_etag(rq, "api-catalog")))
        return NULL;
    json_t *linkset = json_pack(
        "[{s:s, s:o, s:[o, o], s:[o], s:[o], s:[o]}]", "anchor",
        arena_print(rq->arena, "%s/", base), "item", items(rq), "service-meta",
        link_to(rq, "/discovery/product", "application/json"),
        link_to(rq, "/discovery/datasets", "application/json"), "service-desc",
        link_to(rq, "/discovery/openapi.json", "application/vnd.oai.openapi+json;version=3.1"),
        "service-doc", link_to(rq, "/", "text/html"), "status",
        link_to(rq, "/observability/health/ready", "application/json"));
    for (size_t i = 0; sets[i]; i++)
        if (sets[i]->service && sets[i]->service->entry)
            /* as in items */
            (void)json_array_append_new(linkset, service_json(rq, sets[i]->service));
    reply_header(rp, "Content-Type", LINKSET);
    return reply_json(rq, rp, 200, json_pack("{s:o}", "linkset", linkset));
}

struct problem *wellknown_protected_resource(struct request *rq, struct reply *rp)
{
    const struct server *server = server_of(rq);
    json_t *scopes = json_array();
    for (unsigned bit = SCOPE_INPUT_WRITE; bit <= SCOPE_OBSERVABILITY_READ; bit <<= 1)
        /* as in items */
        (void)json_array_append_new(scopes, json_string(scope_name((enum scope)bit)));
    return reply_json(rq, rp, 200,
                      json_pack("{s:s, s:[s], s:o, s:[s], s:s}", "resource", server->audience,
                                "authorization_servers", server->issuer, "scopes_supported", scopes,
                                "bearer_methods_supported", "header", "resource_documentation",
                                arena_print(rq->arena, "%s/", request_base_url(rq))));
}
