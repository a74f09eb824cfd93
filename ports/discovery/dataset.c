#include "dataset.h"

#include "address.h"

#include <string.h>

static json_t *column_json(struct request *rq, const struct column *column)
{
    return json_pack("{s:s, s:s, s:s, s:b, s:b, s:i, s:s?}", "name", column->name, "type",
                     column_type_name(column->type), "sql_type", column_sql_type(rq->arena, column),
                     "required", column->required || column->key_position, "unique",
                     (int)column->unique, "key_position", column->key_position, "description",
                     column->description);
}

static json_t *columns_json(struct request *rq, const struct columns *columns)
{
    json_t *list = json_array();
    for (size_t i = 0; i < columns->count; i++)
        /* a list that cannot grow is seen when the document is written */
        (void)json_array_append_new(list, column_json(rq, &columns->list[i]));
    return list;
}

/* What is published, or json null. */
static json_t *current_json(struct request *rq, const struct catalogue_datum *datum)
{
    const struct catalogue_snapshot *snapshot = catalogue_snapshot(datum, datum->current);
    if (!snapshot)
        return datum->current ? json_pack("{s:I}", "number", (json_int_t)datum->current)
                              : json_null();
    return json_pack("{s:I, s:o, s:I, s:I, s:s}", "number", (json_int_t)snapshot->number,
                     "published_at", server_json_time(rq, snapshot->published_at), "rows",
                     (json_int_t)snapshot->rows, "bytes", (json_int_t)snapshot->bytes, "sha256",
                     snapshot->sha256);
}

static json_t *dataset_json(struct request *rq, const struct catalogue_datum *datum)
{
    const char *base = request_base_url(rq);
    const struct contract *contract = datum->contract;
    const char *layer = catalogue_layer(datum);
    json_t *json = json_pack(
        "{s:s, s:s, s:i, s:s, s:s?, s:{s:s, s:s, s:s}, s:s, s:o, s:o, s:s, s:s}", "dataset",
        datum->name, "layer", layer, "major", datum->major, "title", contract->title, "description",
        contract->description, "contract", "id", contract->id, "version", contract->version, "href",
        arena_print(rq->arena, "%s/discovery/contracts/%s/%s", base, contract->id,
                    contract->version),
        "mode", contract_mode_name(datum->mode), "current", current_json(rq, datum), "columns",
        columns_json(rq, &contract->columns), "href",
        arena_print(rq->arena, "%s/discovery/datasets/%s", base, datum->name), "rows",
        arena_print(rq->arena, "%s/%s/%s", base, layer, datum->name));
    if (datum->use != CONTRACT_OF_OUTPUT
        || json_object_set_new(json, "addresses", address_list(rq, datum)) == 0)
        return json;
    json_decref(json);
    return NULL;
}

/* An answer of this revision of the catalogue. */
static bool not_modified(struct request *rq, struct reply *rp)
{
    reply_header(rp, "Cache-Control", "no-cache");
    return reply_not_modified(rq, rp, server_etag(rq, "datasets"));
}

struct problem *dataset_list(struct request *rq, struct reply *rp)
{
    const struct catalogue *catalogue = server_catalogue(rq);
    if (not_modified(rq, rp))
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < catalogue->datum_count; i++)
        if (!catalogue->datums[i].retired)
            /* a list that cannot grow becomes a problem in reply_json */
            (void)json_array_append_new(list, dataset_json(rq, &catalogue->datums[i]));
    return reply_json(rq, rp, 200, list);
}

struct problem *dataset_get(struct request *rq, struct reply *rp)
{
    const struct catalogue *catalogue = server_catalogue(rq);
    const char *name = request_path(rq, 0);
    const struct catalogue_datum *datum = catalogue_datum(catalogue, CONTRACT_OF_OUTPUT, name);
    if (!datum)
        datum = catalogue_datum(catalogue, CONTRACT_OF_INPUT, name);
    if (!datum)
        return problem_new(rq->arena, &PROBLEM_DATASET_UNKNOWN,
                           "there is no dataset %s; /discovery/datasets lists them", name);
    if (not_modified(rq, rp))
        return NULL;
    return reply_json(rq, rp, 200, dataset_json(rq, datum));
}
