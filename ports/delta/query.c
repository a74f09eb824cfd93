#include "query.h"

#include "file.h"
#include "link.h"
#include "metadata.h"

#include <unistd.h>

CLEANUP_DEFINE(json_t *, json_decref)

/* What the body asks for; predicateHints and jsonPredicateHints may be ignored, and are. */
struct wish {
    int64_t version;
    const int64_t *number; /* points to version, or NULL */
    const char *timestamp; /* NULL: not given */
    int64_t limit;         /* -1: not given */
};

/* Not 501: clients try what fails with a 5xx again and again. */
static struct problem *no_changes(struct request *rq)
{
    return problem_new(rq->arena, &PROBLEM_BAD_QUERY,
                       "no table has a change data feed: read its versions, each is whole");
}

/* A whole number of the body that is not below 0; missing where there is none, or null. */
static struct problem *read_number(struct request *rq, const json_t *body, const char *name,
                                   int64_t missing, int64_t *out_value)
{
    const json_t *value = json_object_get(body, name);
    *out_value = missing;
    if (!value || json_is_null(value))
        return NULL;
    *out_value = json_integer_value(value);
    if (!json_is_integer(value) || *out_value < 0)
        return problem_new(rq->arena, &PROBLEM_BAD_QUERY,
                           "%s must be a whole number that is not below 0", name);
    return NULL;
}

static struct problem *read_wish(struct request *rq, const json_t *body, struct wish *out_wish)
{
    const json_t *timestamp = json_object_get(body, "timestamp");
    int64_t starting;
    TRY(read_number(rq, body, "limitHint", -1, &out_wish->limit));
    TRY(read_number(rq, body, "startingVersion", -1, &starting));
    TRY(read_number(rq, body, "version", -1, &out_wish->version));
    if (starting >= 0)
        return no_changes(rq);
    if (timestamp && !json_is_null(timestamp) && !json_is_string(timestamp))
        return problem_new(rq->arena, &PROBLEM_BAD_QUERY, "timestamp must be text");
    out_wish->number = out_wish->version < 0 ? NULL : &out_wish->version;
    out_wish->timestamp = arena_text(rq->arena, json_string_value(timestamp));
    return NULL;
}

static struct problem *read_body(struct request *rq, struct wish *out_wish)
{
    const char *text;
    size_t size;
    json_error_t error;
    TRY(request_document(rq, &text, &size));
    CLEANUP(json_decref_at)
    json_t *body = size ? json_loadb(text, size, JSON_REJECT_DUPLICATES, &error) : json_object();
    if (!json_is_object(body))
        return problem_new(rq->arena, &PROBLEM_BAD_QUERY, "the body must be a JSON object");
    return read_wish(rq, body, out_wish);
}

static struct problem *add_file(struct request *rq, struct buffer *lines, const struct table *table,
                                const struct catalogue_snapshot *snapshot)
{
    struct snapshot_file file;
    int64_t expires_at;
    TRY(file_open(rq, table->datum, snapshot, &file));
    (void)close(file.fd); /* only its size and digest were wanted */
    const char *url = link_make(rq, snapshot, &expires_at);
    return metadata_add_line(
        rq, lines,
        json_pack("{s:{s:s, s:s, s:{}, s:I, s:s, s:I, s:I, s:I}}", "file", "url", url, "id",
                  arena_hex(rq->arena, file.sha256, DIGEST_BYTES), "partitionValues", "size",
                  (json_int_t)file.bytes, "stats",
                  arena_print(rq->arena, "{\"numRecords\":%lld}", (long long)snapshot->rows),
                  "version", (json_int_t)snapshot->number, "timestamp",
                  (json_int_t)(snapshot->published_at / 1000), "expirationTimestamp",
                  (json_int_t)(expires_at / 1000)));
}

struct problem *query_post(struct request *rq, struct reply *rp)
{
    CLEANUP(buffer_clear) struct buffer lines = { 0 };
    const struct catalogue_snapshot *snapshot;
    struct table table;
    struct wish wish;
    TRY(table_find(rq, &table));
    TRY(read_body(rq, &wish));
    TRY(metadata_agree(rq, rp));
    TRY(table_snapshot(rq, &table, wish.number, wish.timestamp, &snapshot));
    TRY(metadata_add(rq, &lines, &table, snapshot));
    if (snapshot->rows && wish.limit != 0) /* no row, no file */
        TRY(add_file(rq, &lines, &table, snapshot));
    table_version_fields(rp, snapshot);
    return metadata_reply(rq, rp, &lines);
}

struct problem *query_changes(struct request *rq, struct reply *rp)
{
    (void)rp;
    struct table table;
    TRY(table_find(rq, &table));
    return no_changes(rq);
}
