#include "lineage_store.h"

#include "server/base/digest.h"
#include "sql.h"

#include <stdlib.h>
#include <string.h>

CLEANUP_DEFINE(json_t *, json_decref)
CLEANUP_DEFINE(char *, free)

/* The inputs a lineage really depends on, each state once; sources name them by place. */
struct places {
    struct arena *arena;
    const struct lineage_input **list;
    size_t count;
};

static size_t place_of(struct places *places, const struct lineage_input *input)
{
    for (size_t i = 0; i < places->count; i++)
        if (places->list[i]->datum_id == input->datum_id
            && places->list[i]->number == input->number)
            return i;
    places->list = arena_grown(places->arena, places->list, places->count, sizeof *places->list);
    places->list[places->count] = input;
    return places->count++;
}

static const struct lineage_input *input_of(const struct lineage_input *inputs, size_t count,
                                            int64_t relation)
{
    for (size_t i = 0; i < count; i++)
        if (inputs[i].relation == relation)
            return &inputs[i];
    return NULL;
}

/* In the order of the caller's list, which does not change from run to run as ids of tables do. */
static struct problem *find_places(struct places *places, const struct lineage *lineage,
                                   const struct lineage_input *inputs, size_t count)
{
    for (size_t i = 0; i < lineage->relation_count; i++)
        if (!input_of(inputs, count, lineage->relations[i]))
            return problem_because(places->arena,
                                   problem_new(places->arena, &PROBLEM_INTERNAL,
                                               "the lineage of a step could not be stored"),
                                   "table %lld is no input", (long long)lineage->relations[i]);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < lineage->relation_count; j++)
            if (lineage->relations[j] == inputs[i].relation)
                (void)place_of(places, &inputs[i]);
    return NULL;
}

static json_t *source_json(const struct lineage_source *source)
{
    json_t *json = json_pack("{s:I, s:s?, s:s}", "input", (json_int_t)source->relation, "column",
                             source->column, "kind", lineage_kind_name(source->kind));
    if (json && source->masked && json_object_set_new(json, "masked", json_true())) {
        json_decref(json);
        return NULL;
    }
    return json;
}

/* Tables become places; several tables of one state are one. */
static json_t *sources_json(struct places *places, const struct lineage_column *column,
                            const struct lineage_input *inputs, size_t count)
{
    struct lineage_source *list =
        arena_array_of(places->arena, struct lineage_source, column->source_count);
    for (size_t i = 0; i < column->source_count; i++) {
        list[i] = column->sources[i];
        list[i].relation =
            (int64_t)place_of(places, input_of(inputs, count, column->sources[i].relation));
    }
    size_t left = lineage_sort(list, column->source_count);
    CLEANUP(json_decref_at) json_t *json = json_array();
    for (size_t i = 0; i < left; i++)
        if (json_array_append_new(json, source_json(&list[i])))
            return NULL;
    return TAKE(json);
}

static json_t *document_json(struct places *places, const struct lineage *lineage,
                             const struct lineage_input *inputs, size_t count)
{
    CLEANUP(json_decref_at) json_t *columns = json_array();
    for (size_t i = 0; i + 1 < lineage->column_count; i++) {
        const struct lineage_column *column = &lineage->columns[i];
        if (json_array_append_new(columns, json_pack("{s:s, s:o}", "name", column->name, "sources",
                                                     sources_json(places, column, inputs, count))))
            return NULL;
    }
    const struct lineage_column *whole = &lineage->columns[lineage->column_count - 1];
    return json_pack("{s:s?, s:O, s:o}", "doubt", lineage->doubt, "columns", columns, "dataset",
                     sources_json(places, whole, inputs, count));
}

static struct problem *unwritable(struct arena *arena)
{
    return problem_new(arena, &PROBLEM_INTERNAL, "the lineage of a step cannot be written");
}

struct problem *lineage_json(struct arena *arena, const struct lineage *lineage,
                             const struct lineage_input *inputs, size_t input_count,
                             json_t **out_json)
{
    struct places places = { .arena = arena };
    TRY(find_places(&places, lineage, inputs, input_count));
    CLEANUP(json_decref_at)
    json_t *document = document_json(&places, lineage, inputs, input_count);
    CLEANUP(json_decref_at) json_t *list = json_array();
    for (size_t i = 0; i < places.count; i++)
        if (json_array_append_new(list, json_pack("{s:s, s:I}", "dataset", places.list[i]->dataset,
                                                  "number", (json_int_t)places.list[i]->number)))
            return unwritable(arena);
    if (!document || json_object_set(document, "inputs", list))
        return unwritable(arena);
    *out_json = TAKE(document);
    return NULL;
}

/* The same lineage again is the same row; it is found before it is added, so that runs at the same
 * time do not wait for each other but at the very first. */
static struct problem *put_document(struct db *db, struct arena *arena, const char *text,
                                    int64_t *out_id)
{
    const struct db_param in[] = { db_text(digest_sha256_hex(arena, text, strlen(text))),
                                   db_text(text) };
    const struct db_column out[] = { db_to_int64(out_id) };
    bool found;
    TRY(db_maybe(db, arena, &sql_lineage_find, in, 1, out, COUNT(out), &found));
    if (!found)
        TRY(db_maybe(db, arena, &sql_lineage_add, in, COUNT(in), out, COUNT(out), &found));
    if (!found) /* another one has stored it in between */
        TRY(db_maybe(db, arena, &sql_lineage_find, in, 1, out, COUNT(out), &found));
    return found ? NULL
                 : problem_new(arena, &PROBLEM_INTERNAL, "the lineage was stored and is not there");
}

struct problem *lineage_store(struct db *db, struct arena *arena, int64_t snapshot_id,
                              const struct lineage *lineage, const struct lineage_input *inputs,
                              size_t input_count)
{
    int64_t id;
    struct places places = { .arena = arena };
    TRY(find_places(&places, lineage, inputs, input_count));
    CLEANUP(json_decref_at)
    json_t *document = document_json(&places, lineage, inputs, input_count);
    CLEANUP(free_at) char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;
    if (!text)
        return unwritable(arena);
    TRY(put_document(db, arena, text, &id));
    const struct db_param set[] = { db_int64(snapshot_id), db_int64(id) };
    TRY(db_none(db, arena, &sql_snapshot_lineage_set, set, COUNT(set)));
    for (size_t i = 0; i < places.count; i++) {
        const struct db_param in[] = { db_int64(snapshot_id), db_int32((int32_t)i),
                                       db_int64(places.list[i]->datum_id),
                                       db_int64(places.list[i]->number) };
        TRY(db_none(db, arena, &sql_snapshot_input_add, in, COUNT(in)));
    }
    return NULL;
}
