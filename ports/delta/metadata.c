#include "metadata.h"

#include "server/base/text.h"
#include "spark.h"

#include <stdlib.h>
#include <string.h>

#define CAPABILITIES "delta-sharing-capabilities"

/* name=value,value;name=value, names in any case. */
struct problem *metadata_agree(struct request *rq, struct reply *rp)
{
    const char *field = request_header(rq, CAPABILITIES);
    bool asked = false;
    bool parquet = false;
    for (char **parts = text_split(rq->arena, field ? field : "", "; "); *parts; parts++) {
        char **words = text_split(rq->arena, *parts, "=,");
        if (!words[0] || !text_equal_caseless(words[0], "responseformat"))
            continue;
        asked = true;
        for (words++; *words; words++)
            parquet |= text_equal_caseless(*words, "parquet");
    }
    if (asked && !parquet)
        return problem_new(rq->arena, &PROBLEM_BAD_QUERY,
                           "files are told of in the form parquet alone; " CAPABILITIES
                           " must name it in responseformat");
    if (field)
        reply_header(rp, CAPABILITIES, "responseformat=parquet");
    return NULL;
}

struct problem *metadata_add_line(struct request *rq, struct buffer *lines, json_t *json)
{
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (!text)
        return problem_new(rq->arena, &PROBLEM_INTERNAL, "a line cannot be written");
    buffer_add_text(lines, text);
    buffer_add_char(lines, '\n');
    free(text);
    return NULL;
}

struct problem *metadata_add(struct request *rq, struct buffer *lines, const struct table *table,
                             const struct catalogue_snapshot *snapshot)
{
    const struct contract *contract = snapshot->contract;
    json_t *schema = spark_schema(rq->arena, &contract->columns);
    char *text = schema ? json_dumps(schema, JSON_COMPACT) : NULL;
    json_decref(schema);
    json_t *line =
        json_pack("{s:{s:s, s:s, s:s*, s:{s:s}, s:s, s:[], s:{}}}", "metaData", "id", table->id,
                  "name", table->datum->name, "description", contract->description, "format",
                  "provider", "parquet", "schemaString", text, "partitionColumns", "configuration");
    free(text);
    struct problem *problem =
        metadata_add_line(rq, lines, json_pack("{s:{s:i}}", "protocol", "minReaderVersion", 1));
    if (!problem)
        return metadata_add_line(rq, lines, line);
    json_decref(line);
    return problem;
}

struct problem *metadata_reply(struct request *rq, struct reply *rp, const struct buffer *lines)
{
    return reply_text(rq, rp, 200, "application/x-ndjson; charset=utf-8",
                      arena_copy(rq->arena, lines->data, lines->size), lines->size);
}

static struct problem *read_version(struct request *rq, const int64_t **out_number, int64_t *number)
{
    TRY(server_number_option(rq, "version", 0, INT64_MAX, 0, number));
    *out_number = request_option(rq, "version") ? number : NULL;
    return NULL;
}

struct problem *metadata_get_table(struct request *rq, struct reply *rp)
{
    CLEANUP(buffer_clear) struct buffer lines = { 0 };
    const struct catalogue_snapshot *snapshot;
    struct table table;
    int64_t version;
    const int64_t *number;
    TRY(table_find(rq, &table));
    TRY(read_version(rq, &number, &version));
    TRY(table_snapshot(rq, &table, number, request_option(rq, "timestamp"), &snapshot));
    TRY(metadata_agree(rq, rp));
    table_version_fields(rp, snapshot);
    TRY(metadata_add(rq, &lines, &table, snapshot));
    return metadata_reply(rq, rp, &lines);
}
