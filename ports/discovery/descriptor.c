#include "descriptor.h"

#include "address.h"
#include "server/base/digest.h"
#include "server/reply_document.h"

#include <stdlib.h>
#include <string.h>

CLEANUP_DEFINE(json_t *, json_decref)

/* The management ports of every product served here, with the content ODPS names for them. */
static const struct {
    const char *name;
    const char *content;
    const char *path;
    const char *description;
} management_ports[] = {
    { "discovery", "discoverability", "/discovery", "what the product is and promises" },
    { "observability", "observability", "/observability", "how it is doing" },
    { "control", "control", "/control", "pipelines and their runs" },
};

static json_t *management_json(struct request *rq)
{
    json_t *list = json_array();
    for (size_t i = 0; i < COUNT(management_ports); i++)
        /* a list that cannot grow is seen when the document is written */
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", management_ports[i].name,
                            "content", management_ports[i].content, "type", "rest", "url",
                            arena_print(rq->arena, "%s%s", request_base_url(rq),
                                        management_ports[i].path),
                            "description", management_ports[i].description));
    return list;
}

static const struct catalogue_datum *datum_of_port(const struct catalogue *catalogue,
                                                   const json_t *port)
{
    const char *id = json_string_value(json_object_get(port, "contractId"));
    const char *version = json_string_value(json_object_get(port, "version"));
    for (size_t i = 0; id && version && i < catalogue->datum_count; i++) {
        const struct catalogue_datum *datum = &catalogue->datums[i];
        if (!datum->retired && datum->use == CONTRACT_OF_OUTPUT
            && strcmp(datum->contract->id, id) == 0
            && strcmp(datum->contract->version, version) == 0)
            return datum;
    }
    return NULL;
}

/* ODPS has no member for the address of an output port: what implements it is a definition. */
static int add_addresses(struct request *rq, json_t *port)
{
    const struct catalogue_datum *datum = datum_of_port(server_catalogue(rq), port);
    json_t *definitions = json_object_get(port, "authoritativeDefinitions");
    CLEANUP(json_decref_at) json_t *addresses = datum ? address_list(rq, datum) : NULL;
    int failures = datum && !addresses;
    if (addresses && !definitions) {
        definitions = json_array();
        failures += json_object_set(port, "authoritativeDefinitions", definitions) != 0;
        json_decref(definitions); /* the port has it */
    }
    for (size_t i = 0; i < json_array_size(addresses) && !failures; i++) {
        json_t *address = json_array_get(addresses, i);
        failures += json_array_append_new(
                        definitions, json_pack("{s:s, s:O, s:O}", "type", "implementation", "url",
                                               json_object_get(address, "href"), "description",
                                               json_object_get(address, "title")))
                    != 0;
    }
    return failures;
}

/* What only the running server knows. */
static int complete(struct request *rq, json_t *product)
{
    json_t *ports = json_object_get(product, "outputPorts");
    int failures = 0;
    for (size_t i = 0; i < json_array_size(ports); i++)
        failures += add_addresses(rq, json_array_get(ports, i));
    if (!json_object_get(product, "managementPorts"))
        failures += json_object_set_new(product, "managementPorts", management_json(rq)) != 0;
    return failures;
}

struct problem *descriptor_get_product(struct request *rq, struct reply *rp)
{
    const struct product *product = &server_catalogue(rq)->product;
    json_error_t error;
    CLEANUP(json_decref_at) json_t *json = json_loads(product->json, 0, &error);
    char *text = json && !complete(rq, json) ? json_dumps(json, JSON_COMPACT) : NULL;
    if (!text)
        return problem_new(rq->arena, &PROBLEM_INTERNAL, "the descriptor cannot be written");
    const char *kept = arena_text(rq->arena, text);
    free(text);
    return reply_document(rq, rp, kept, digest_sha256_hex(rq->arena, kept, strlen(kept)));
}

struct problem *descriptor_list_contracts(struct request *rq, struct reply *rp)
{
    const struct catalogue *catalogue = server_catalogue(rq);
    reply_header(rp, "Cache-Control", "no-cache");
    if (reply_not_modified(rq, rp, server_etag(rq, "contracts")))
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < catalogue->contract_count; i++) {
        const struct contract *contract = &catalogue->contracts[i].contract;
        /* a list that cannot grow becomes a problem in reply_json */
        (void)json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", contract->id, "version", contract->version,
                      "dataset", contract->dataset, "status", contract->status, "href",
                      arena_print(rq->arena, "%s/discovery/contracts/%s/%s", request_base_url(rq),
                                  contract->id, contract->version)));
    }
    return reply_json(rq, rp, 200, list);
}

struct problem *descriptor_get_contract(struct request *rq, struct reply *rp)
{
    const char *id = request_path(rq, 0);
    const char *version = request_path(rq, 1);
    const struct contract *contract = catalogue_contract(server_catalogue(rq), id, version);
    if (!contract)
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND,
                           "there is no contract %s %s; /discovery/contracts lists them", id,
                           version);
    return reply_document(rq, rp, contract->json, contract->sha256);
}

struct problem *descriptor_list_pipelines(struct request *rq, struct reply *rp)
{
    const struct catalogue *catalogue = server_catalogue(rq);
    reply_header(rp, "Cache-Control", "no-cache");
    if (reply_not_modified(rq, rp, server_etag(rq, "pipelines")))
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < catalogue->pipeline_count; i++) {
        const struct catalogue_pipeline *pipeline = &catalogue->pipelines[i];
        if (pipeline->is_current)
            /* as above */
            (void)json_array_append_new(
                list, json_pack("{s:s, s:s, s:s?, s:s}", "pipeline", pipeline->document.name,
                                "version", pipeline->document.version, "description",
                                pipeline->document.description, "href",
                                arena_print(rq->arena, "%s/discovery/pipelines/%s",
                                            request_base_url(rq), pipeline->document.name)));
    }
    return reply_json(rq, rp, 200, list);
}

struct problem *descriptor_get_pipeline(struct request *rq, struct reply *rp)
{
    const char *name = request_path(rq, 0);
    const struct catalogue_pipeline *pipeline = catalogue_pipeline(server_catalogue(rq), name);
    if (!pipeline)
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND,
                           "there is no pipeline %s; /discovery/pipelines lists them", name);
    return reply_document(rq, rp, pipeline->document.json, pipeline->sha256);
}
