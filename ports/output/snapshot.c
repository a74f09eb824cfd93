#include "snapshot.h"

#include "server/server.h"

/* Where more of a snapshot is; nothing of one that is retired. */
static json_t *links(struct request *rq, const struct catalogue_datum *datum, size_t index)
{
    const struct catalogue_snapshot *snapshot = &datum->snapshots[index];
    const char *base = request_base_url(rq);
    const char *rows = arena_print(rq->arena, "%s/output/%s/snapshots/%lld", base, datum->name,
                                   (long long)snapshot->number);
    json_t *links = json_pack("{s:s}", "contract",
                              arena_print(rq->arena, "%s/discovery/contracts/%s/%s", base,
                                          snapshot->contract->id, snapshot->contract->version));
    if (snapshot->retired)
        return links;
    /* takes the reference also when it fails; what is NULL becomes a problem in reply_json */
    (void)json_object_set_new(links, "rows", json_string(rows));
    (void)json_object_set_new(links, "files",
                              json_string(arena_print(rq->arena, "%s/files", rows)));
    (void)json_object_set_new(links, "parquet",
                              json_string(arena_print(rq->arena, "%s/data.parquet", rows)));
    const struct catalogue_snapshot *before = index ? snapshot - 1 : NULL;
    if (before && !before->retired && snapshot->contract->key.count)
        (void)json_object_set_new(
            links, "changes",
            json_string(arena_print(rq->arena, "%s/output/%s/changes?from=%lld&to=%lld", base,
                                    datum->name, (long long)before->number,
                                    (long long)snapshot->number)));
    return links;
}

static json_t *snapshot_json(struct request *rq, const struct catalogue_datum *datum, size_t index)
{
    const struct catalogue_snapshot *snapshot = &datum->snapshots[index];
    return json_pack("{s:I, s:b, s:s, s:o, s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:o}", "snapshot",
                     (json_int_t)snapshot->number, "current", snapshot->number == datum->current,
                     "state", snapshot->retired ? "retired" : "published", "published_at",
                     server_json_time(rq, snapshot->published_at), "rows",
                     (json_int_t)snapshot->rows, "bytes", (json_int_t)snapshot->bytes, "run",
                     (json_int_t)snapshot->run_id, "contract_version", snapshot->contract->version,
                     "contract_sha256", snapshot->contract->sha256, "sha256", snapshot->sha256,
                     "href",
                     arena_print(rq->arena, "%s/output/%s/snapshots/%lld", request_base_url(rq),
                                 datum->name, (long long)snapshot->number),
                     "links", links(rq, datum, index));
}

struct problem *snapshot_list(struct request *rq, struct reply *rp)
{
    static const char *const known[] = { NULL };
    const struct catalogue_datum *datum;
    struct access_decision decision;
    TRY(server_known_options(rq, known));
    TRY(server_dataset(rq, CONTRACT_OF_OUTPUT, request_path(rq, 0), ACCESS_READ, &datum,
                       &decision));
    reply_header(rp, "Cache-Control", "private, no-cache");
    if (reply_not_modified(rq, rp, server_etag(rq, datum->name)))
        return NULL;
    json_t *list = json_array();
    for (size_t i = datum->snapshot_count; i-- > 0;)
        /* takes the reference also when it fails; a NULL list becomes a problem in reply_json */
        (void)json_array_append_new(list, snapshot_json(rq, datum, i));
    return reply_json(rq, rp, 200, list);
}
