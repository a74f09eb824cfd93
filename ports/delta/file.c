#include "file.h"

#include "link.h"
#include "server/formats/format.h"
#include "server/http/http.h"
#include "server/rows/selection.h"

#include <stdatomic.h>
#include <unistd.h>

struct problem *file_open(struct request *rq, const struct catalogue_datum *datum,
                          const struct catalogue_snapshot *snapshot, struct snapshot_file *out_file)
{
    const struct server *server = server_of(rq);
    struct problem *problem = snapshot_file_make(server->files, rq->db, rq->arena, snapshot,
                                                 snapshot_form_parquet, out_file);
    http_signal(atomic_load(&server->http)); /* those who wait for it look again */
    return problem && problem->kind == &PROBLEM_SNAPSHOT_RETIRED
               ? selection_retired(rq, datum, snapshot->number)
               : problem;
}

/* What a link is for. */
struct linked {
    const struct catalogue_datum *datum;
    const struct catalogue_snapshot *snapshot;
    int64_t seconds;
};

static struct problem *answer(struct request *rq, struct reply *rp, const struct linked *linked,
                              const struct snapshot_file *file)
{
    reply_header(rp, "Cache-Control", "private, max-age=%lld", (long long)linked->seconds);
    if (reply_not_modified(rq, rp, arena_hex(rq->arena, file->sha256, DIGEST_BYTES))) {
        (void)close(file->fd); /* it was only opened */
        return NULL;
    }
    return reply_file(rq, rp, format_media_type(FORMAT_PARQUET), CODING_NONE, file->fd,
                      file->bytes);
}

/* The file was there when the link was made, perhaps of another server. */
static struct problem *make_again(struct request *rq, struct reply *rp)
{
    const struct linked *linked = rq->state;
    struct snapshot_file file;
    TRY(file_open(rq, linked->datum, linked->snapshot, &file));
    return answer(rq, rp, linked, &file);
}

struct problem *file_get(struct request *rq, struct reply *rp)
{
    struct linked *linked = arena_new_of(rq->arena, struct linked);
    struct snapshot_file file;
    TRY(link_read(rq, &linked->datum, &linked->snapshot, &linked->seconds));
    if (snapshot_file_find(server_of(rq)->files, rq->arena, linked->snapshot, snapshot_form_parquet,
                           &file))
        return answer(rq, rp, linked, &file);
    rq->state = linked;
    return reply_by_stream(rq, rp, make_again);
}
