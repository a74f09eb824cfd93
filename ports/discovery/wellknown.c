#include "wellknown.h"

#define LINKSET "application/linkset+json;profile=\"https://www.rfc-editor.org/info/rfc9727\""

static json_t *link_to(struct request *rq, const char *path, const char *media_type)
{
    const char *href = arena_print(rq->arena, "%s%s", request_base_url(rq), path);
    return media_type ? json_pack("{s:s, s:s}", "href", href, "type", media_type)
                      : json_pack("{s:s}", "href", href);
}

struct problem *wellknown_api_catalog(struct request *rq, struct reply *rp)
{
    const struct catalogue *catalogue = server_catalogue(rq);
    const char *base = request_base_url(rq);
    reply_header(rp, "Link", "<%s/.well-known/api-catalog>; rel=\"api-catalog\"", base);
    reply_header(rp, "Cache-Control", "no-cache");
    if (reply_not_modified(rq, rp, server_etag(rq, "api-catalog")))
        return NULL;
    json_t *items = json_array();
    for (size_t i = 0; i < catalogue->datum_count; i++) {
        const struct catalogue_datum *datum = &catalogue->datums[i];
        if (!datum->retired && datum->use == CONTRACT_OF_OUTPUT)
            /* a list that cannot grow becomes a problem in reply_json */
            (void)json_array_append_new(
                items, link_to(rq, arena_print(rq->arena, "/output/%s", datum->name), NULL));
    }
    reply_header(rp, "Content-Type", LINKSET);
    return reply_json(
        rq, rp, 200,
        json_pack(
            "{s:[{s:s, s:o, s:[o, o], s:[o], s:[o], s:[o]}]}", "linkset", "anchor",
            arena_print(rq->arena, "%s/", base), "item", items, "service-meta",
            link_to(rq, "/discovery/product", "application/json"),
            link_to(rq, "/discovery/datasets", "application/json"), "service-desc",
            link_to(rq, "/discovery/openapi.json", "application/vnd.oai.openapi+json;version=3.1"),
            "service-doc", link_to(rq, "/", "text/html"), "status",
            link_to(rq, "/observability/health/ready", "application/json")));
}

struct problem *wellknown_protected_resource(struct request *rq, struct reply *rp)
{
    const struct server *server = server_of(rq);
    json_t *scopes = json_array();
    for (unsigned bit = SCOPE_INPUT_WRITE; bit <= SCOPE_OBSERVABILITY_READ; bit <<= 1)
        /* as above */
        (void)json_array_append_new(scopes, json_string(scope_name((enum scope)bit)));
    return reply_json(rq, rp, 200,
                      json_pack("{s:s, s:[s], s:o, s:[s], s:s}", "resource", server->audience,
                                "authorization_servers", server->issuer, "scopes_supported", scopes,
                                "bearer_methods_supported", "header", "resource_documentation",
                                arena_print(rq->arena, "%s/", request_base_url(rq))));
}
