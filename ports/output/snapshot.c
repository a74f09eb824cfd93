#include "snapshot.h"

#include "server/base/clock.h"
#include "server/formats/format.h"
#include "server/formats/octets.h"
#include "server/http/http.h"
#include "server/rows/selection.h"
#include "server/rows/snapshot_file.h"

#include <stdatomic.h>
#include <unistd.h>

/* How long a request waits for a file that another one is having made. */
#define WAIT_MS 60000

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

/* What a request for a file is about. */
struct wanted {
    const struct catalogue_datum *datum;
    const struct catalogue_snapshot *snapshot;
};

static struct problem *find_wanted(struct request *rq, struct wanted *out_wanted)
{
    struct wanted wanted;
    struct access_decision decision;
    int64_t number;
    TRY(server_dataset(rq, CONTRACT_OF_OUTPUT, request_path(rq, 0), ACCESS_READ, &wanted.datum,
                       &decision));
    TRY(selection_number(rq, wanted.datum, request_path(rq, 1), &number));
    TRY(selection_snapshot(rq, wanted.datum, number, &wanted.snapshot));
    if (selection_hides(&decision, &wanted.snapshot->contract->columns))
        return problem_new(rq->arena, &PROBLEM_FORBIDDEN,
                           "the file holds all rows and columns of %s, and the access rules of "
                           "this product hide some from %s; %s/output/%s/snapshots/%lld?format="
                           "parquet gives the others",
                           wanted.datum->name, server_subject(rq), request_base_url(rq),
                           wanted.datum->name, (long long)number);
    *out_wanted = wanted;
    return NULL;
}

static struct problem *answer_file(struct request *rq, struct reply *rp,
                                   const struct wanted *wanted, const struct snapshot_file *file)
{
    const struct catalogue_snapshot *snapshot = wanted->snapshot;
    reply_header(rp, "Cache-Control", "private, max-age=31536000, immutable");
    reply_header(rp, "Vary", "Authorization");
    if (reply_not_modified(rq, rp, arena_hex(rq->arena, file->sha256, DIGEST_BYTES))) {
        (void)close(file->fd); /* it was only opened */
        return NULL;
    }
    CLEANUP(buffer_clear) struct buffer digest = { 0 };
    octets_write_base64(&digest, (const char *)file->sha256, DIGEST_BYTES);
    reply_header(rp, "Repr-Digest", "sha-256=:%.*s:", (int)digest.size, digest.data);
    reply_header(rp, "Last-Modified", "%s", clock_http_text(rq->arena, snapshot->published_at));
    reply_header(rp, "Snapshot", "%lld", (long long)snapshot->number);
    reply_header(rp, "Content-Disposition", "attachment; filename=\"%s-%lld.parquet\"",
                 wanted->datum->name, (long long)snapshot->number);
    reply_header(rp, "Link", "<%s/discovery/contracts/%s/%s>; rel=\"describedby\"",
                 request_base_url(rq), snapshot->contract->id, snapshot->contract->version);
    return reply_file(rq, rp, format_media_type(FORMAT_PARQUET), file->fd, file->bytes);
}

/* On a worker, which has the time that it takes. */
static struct problem *make_file(struct request *rq, struct reply *rp)
{
    const struct server *server = server_of(rq);
    const struct wanted *wanted = rq->state;
    struct snapshot_file file;
    struct problem *problem =
        snapshot_file_make(server->files, rq->db, rq->arena, wanted->snapshot, &file);
    http_signal(atomic_load(&server->http)); /* those who wait for it look again */
    if (problem)
        return problem->kind == &PROBLEM_SNAPSHOT_RETIRED
                   ? selection_retired(rq, wanted->datum, wanted->snapshot->number)
                   : problem;
    return answer_file(rq, rp, wanted, &file);
}

struct problem *snapshot_get_file(struct request *rq, struct reply *rp)
{
    static const char *const known[] = { NULL };
    struct snapshot_files *files = server_of(rq)->files;
    struct wanted *wanted = arena_new_of(rq->arena, struct wanted);
    struct snapshot_file file;
    TRY(server_known_options(rq, known));
    TRY(find_wanted(rq, wanted));
    if (snapshot_file_find(files, rq->arena, wanted->snapshot, &file))
        return answer_file(rq, rp, wanted, &file);
    if (!snapshot_file_is_being_made(files, rq->arena, wanted->snapshot)) {
        rq->state = wanted;
        return reply_by_stream(rq, rp, make_file);
    }
    if (!reply_park_is_over(rq))
        return reply_park(rq, rp, WAIT_MS);
    struct problem *busy = problem_new(rq->arena, &PROBLEM_BUSY, "the file is still being made");
    problem_add_number(rq->arena, busy, "retry_after", 10);
    return busy;
}
