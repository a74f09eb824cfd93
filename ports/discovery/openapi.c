#include "openapi.h"

#include "answers.h"
#include "schema.h"
#include "server/base/text.h"

#include <stdlib.h>
#include <string.h>

CLEANUP_DEFINE(json_t *, json_decref)

/* The document being written. */
struct writing {
    struct request *rq;
    const struct catalogue *catalogue;
    const json_t *answers; /* examples of what routes answer */
    json_t *paths;
    int failures; /* of jansson: out of memory */
};

static void put(struct writing *writing, json_t *object, const char *name, json_t *value)
{
    writing->failures += json_object_set_new(object, name, value) != 0;
}

static const char *const method_names[METHOD_COUNT] = {
    [GET] = "get", [POST] = "post", [PUT] = "put", [DELETE] = "delete"
};

/* A name for generated clients: get_output_countries. */
static const char *operation_id(struct writing *writing, const struct route *route,
                                const char *path)
{
    char *id = arena_print(writing->rq->arena, "%s%s", method_names[route->method], path);
    char *to = id;
    for (const char *from = id; *from; from++)
        if (*from == '{' || *from == '}')
            continue;
        else
            *to++ = strchr("/.-$", *from) ? '_' : *from;
    *to = '\0';
    return id;
}

static json_t *parameters(struct writing *writing, const struct route *route, const char *path)
{
    json_t *list = json_array();
    for (const char *open = strchr(path, '{'); open; open = strchr(open + 1, '{')) {
        const char *name =
            arena_copy(writing->rq->arena, open + 1, (size_t)(strchr(open, '}') - open - 1));
        writing->failures += json_array_append_new(
                                 list, json_pack("{s:s, s:s, s:b, s:{s:s}}", "name", name, "in",
                                                 "path", "required", 1, "schema", "type", "string"))
                             != 0;
    }
    char **options = text_split(writing->rq->arena, route->options ? route->options : "", " ");
    for (; *options; options++)
        writing->failures +=
            json_array_append_new(list, json_pack("{s:s, s:s, s:{s:s}}", "name", *options, "in",
                                                  "query", "schema", "type", "string"))
            != 0;
    if (route->flags & ROUTE_FILE)
        writing->failures +=
            json_array_append_new(list, json_pack("{s:s, s:s, s:{s:s}}", "name", "Range", "in",
                                                  "header", "schema", "type", "string"))
            != 0;
    return list;
}

/* The example of a media type that is not JSON; JSON documents are YAML as they are. */
static const char *example_text(struct writing *writing, const json_t *example)
{
    if (json_is_string(example))
        return json_string_value(example);
    char *text = example ? json_dumps(example, JSON_INDENT(2)) : NULL;
    writing->failures += example && !text;
    const char *kept = arena_print(writing->rq->arena, "%s\n", text ? text : "");
    free(text);
    return kept;
}

/* The media types of a good answer, each with a schema and an example. */
static json_t *contents(struct writing *writing, const struct route *route,
                        const struct catalogue_datum *datum)
{
    struct arena *arena = writing->rq->arena;
    json_t *content = json_object();
    char **types =
        text_split(arena, route->media_types ? route->media_types : "application/json", " ");
    const json_t *example = answers_example(arena, writing->answers, route);
    bool rows = datum && (route->flags & ROUTE_STREAMS);
    for (; *types; types++) {
        bool json = strstr(*types, "json") && !strstr(*types, "ndjson");
        json_t *media;
        if (rows && json && !example)
            media = json_pack("{s:{s:s, s:{s:s}}, s:[o]}", "schema", "type", "array", "items",
                              "$ref", arena_print(arena, "#/components/schemas/%s", datum->name),
                              "example", schema_example(arena, &datum->contract->columns));
        else if (strstr(*types, "vnd.apache.")) /* Parquet and Arrow: no text has an example */
            media = json_pack("{s:{s:s, s:s}, s:s}", "schema", "type", "string", "format", "binary",
                              "example", "bytes");
        else if (json)
            media = json_pack("{s:o, s:o*}", "schema", answers_schema(example), "example",
                              json_deep_copy(example));
        else
            media = json_pack("{s:{s:s}, s:s}", "schema", "type", "string", "example",
                              rows ? schema_example_text(arena, &datum->contract->columns, *types)
                                   : example_text(writing, example));
        put(writing, content, *types, media);
    }
    return content;
}

/* A part of a body is no body of its type: bytes, whatever it is cut from. */
static json_t *parts(struct writing *writing, const struct route *route)
{
    json_t *content = json_object();
    for (char **types = text_split(writing->rq->arena, route->media_types, " "); *types; types++)
        put(writing, content, *types,
            json_pack("{s:{s:s}, s:s}", "schema", "type", "string", "example", "bytes"));
    return content;
}

/* The name of the schema of what a port says when it refuses; no dataset has a point in its name.
 */
static const char *problem_name(struct writing *writing, const struct route_set *set)
{
    return set->problems ? arena_join(writing->rq->arena, "problem.", set->port) : "problem";
}

static json_t *problem_answer(struct writing *writing, const struct route_set *set,
                              const char *description)
{
    const struct problem_dialect *dialect = set->problems ? set->problems : &PROBLEM_DOCUMENT;
    return json_pack(
        "{s:s, s:{s:{s:{s:s}}}}", "description", description, "content", dialect->media_type,
        "schema", "$ref",
        arena_join(writing->rq->arena, "#/components/schemas/", problem_name(writing, set)));
}

/* Seen from what the port would write. */
static json_t *problem_schema(struct writing *writing, const struct problem_dialect *dialect)
{
    struct arena *arena = writing->rq->arena;
    const struct problem *problem =
        problem_new(arena, &PROBLEM_NOT_FOUND, "there is no dataset of this name");
    json_error_t error;
    CLEANUP(json_decref_at)
    json_t *example = json_loads(dialect->write(arena, problem, "/"), 0, &error);
    return example ? answers_schema(example) : NULL;
}

static json_t *responses(struct writing *writing, const struct route_set *set,
                         const struct route *route, const struct catalogue_datum *datum)
{
    bool creates = route->method == POST || route->method == PUT;
    const char *status = route->method == DELETE                   ? "204"
                         : strstr(route->path, "/runs") && creates ? "202"
                         : creates && datum                        ? "201"
                                                                   : "200";
    json_t *answers = json_object();
    if (strcmp(status, "204") == 0)
        put(writing, answers, status, json_pack("{s:s}", "description", "done"));
    else
        put(writing, answers, status,
            json_pack("{s:s, s:o}", "description", route->summary, "content",
                      contents(writing, route, datum)));
    /* what was there already is answered otherwise than what is new */
    if (route->method == PUT || (route->flags & ROUTE_DELIVERY))
        put(writing, answers, route->method == PUT ? "201" : "200",
            json_pack("{s:s, s:o}", "description",
                      route->method == PUT ? "new" : "received before; nothing was stored again",
                      "content", contents(writing, route, datum)));
    if (route->flags & ROUTE_FILE) {
        put(writing, answers, "206",
            json_pack("{s:s, s:o}", "description", "the part that Range asks for", "content",
                      parts(writing, route)));
        put(writing, answers, "416",
            problem_answer(writing, set, "nothing of the range is in the file"));
    }
    if (route->scope != SCOPE_PUBLIC) {
        put(writing, answers, "401", problem_answer(writing, set, "no valid token"));
        put(writing, answers, "403", problem_answer(writing, set, "the token does not allow this"));
    }
    put(writing, answers, "default",
        problem_answer(writing, set,
                       set->problems ? "an error as the protocol writes it"
                                     : "a problem document (RFC 9457)"));
    return answers;
}

static json_t *body(struct writing *writing, const struct route *route,
                    const struct catalogue_datum *datum)
{
    struct arena *arena = writing->rq->arena;
    if (route->flags & ROUTE_DELIVERY)
        return json_pack(
            "{s:b, s:{s:{s:{s:s, s:{s:s}}, s:[o]}, s:{s:{s:s}, s:s}, s:{s:{s:s}, s:s}}}",
            "required", 1, "content", "application/json", "schema", "type", "array", "items",
            "$ref",
            datum ? arena_print(arena, "#/components/schemas/%s", datum->name)
                  : "#/components/schemas/problem",
            "example", datum ? schema_example(arena, &datum->contract->columns) : json_object(),
            "application/x-ndjson", "schema", "type", "string", "example",
            datum ? schema_example_text(arena, &datum->contract->columns, "application/x-ndjson")
                  : "",
            "text/csv", "schema", "type", "string", "example",
            datum ? schema_example_text(arena, &datum->contract->columns, "text/csv") : "");
    return json_pack("{s:{s:{s:{s:s}}}}", "content", "application/json", "schema", "type",
                     "object");
}

static json_t *operation(struct writing *writing, const struct route_set *set,
                         const struct route *route, const char *path,
                         const struct catalogue_datum *datum)
{
    json_t *json = json_pack("{s:s, s:s, s:[s], s:o, s:o}", "operationId",
                             operation_id(writing, route, path), "summary", route->summary, "tags",
                             set->port, "parameters", parameters(writing, route, path), "responses",
                             responses(writing, set, route, datum));
    if (route->flags & (ROUTE_DELIVERY | ROUTE_DOCUMENT))
        put(writing, json, "requestBody", body(writing, route, datum));
    bool open = route->scope == SCOPE_PUBLIC
                || (route->scope == SCOPE_DISCOVERY && writing->catalogue->product.open_discovery);
    put(writing, json, "security",
        open ? json_array()
             : json_pack("[{s:[s]}]", "bearer",
                         route->scope == SCOPE_DISCOVERY ? "discovery" : scope_name(route->scope)));
    return json;
}

static void add_path(struct writing *writing, const struct route_set *set,
                     const struct route *route, const char *path,
                     const struct catalogue_datum *datum)
{
    json_t *item = json_object_get(writing->paths, path);
    if (!item) {
        item = json_object();
        put(writing, writing->paths, path, item);
    }
    put(writing, item, method_names[route->method], operation(writing, set, route, path, datum));
}

/* /output/{dataset} becomes a path per dataset of its layer. */
static void add_route(struct writing *writing, const struct route_set *set,
                      const struct route *route)
{
    const char *open = strstr(route->path, "{dataset}");
    if (!open) {
        add_path(writing, set, route, route->path, NULL);
        return;
    }
    for (size_t i = 0; i < writing->catalogue->datum_count; i++) {
        const struct catalogue_datum *datum = &writing->catalogue->datums[i];
        if (datum->retired || strcmp(catalogue_layer(datum), set->port) != 0)
            continue;
        add_path(writing, set, route,
                 arena_print(writing->rq->arena, "%.*s%s%s", (int)(open - route->path), route->path,
                             datum->name, open + strlen("{dataset}")),
                 datum);
    }
}

static json_t *schemas(struct writing *writing)
{
    json_t *json = json_object();
    for (size_t i = 0; i < writing->catalogue->datum_count; i++) {
        const struct catalogue_datum *datum = &writing->catalogue->datums[i];
        if (!datum->retired)
            put(writing, json, datum->name, schema_of_row(writing->rq->arena, datum->contract));
    }
    put(writing, json, "problem",
        json_pack("{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}}}", "type", "object", "properties",
                  "type", "type", "string", "title", "type", "string", "status", "type", "integer",
                  "detail", "type", "string"));
    const struct route_set *const *sets = server_of(writing->rq)->routes;
    for (size_t i = 0; sets[i]; i++)
        if (sets[i]->problems)
            put(writing, json, problem_name(writing, sets[i]),
                problem_schema(writing, sets[i]->problems));
    return json;
}

struct problem *openapi_get(struct request *rq, struct reply *rp)
{
    const struct catalogue *catalogue = server_catalogue(rq);
    const struct server *server = server_of(rq);
    reply_header(rp, "Cache-Control", "no-cache");
    if (reply_not_modified(rq, rp, server_etag(rq, "openapi")))
        return NULL;
    CLEANUP(json_decref_at) json_t *answers = answers_load();
    struct writing writing = {
        .rq = rq, .catalogue = catalogue, .answers = answers, .paths = json_object()
    };
    for (size_t i = 0; server->routes[i]; i++)
        for (size_t k = 0; k < server->routes[i]->count; k++)
            add_route(&writing, server->routes[i], &server->routes[i]->list[k]);
    json_t *json = json_pack(
        "{s:s, s:{s:s, s:s, s:s}, s:[{s:s}], s:o, s:{s:o, s:{s:{s:s, s:s, s:s}}}}", "openapi",
        "3.1.0", "info", "title", catalogue->product.name, "version", catalogue->product.version,
        "description",
        catalogue->product.description ? catalogue->product.description : catalogue->product.name,
        "servers", "url", request_base_url(rq), "paths", writing.paths, "components", "schemas",
        schemas(&writing), "securitySchemes", "bearer", "type", "http", "scheme", "bearer",
        "bearerFormat", "JWT");
    if (writing.failures) {
        json_decref(json);
        json = NULL;
    }
    reply_header(rp, "Content-Type", "application/vnd.oai.openapi+json;version=3.1");
    return reply_json(rq, rp, 200, json);
}
