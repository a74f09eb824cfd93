#include "download.h"

#include "server/base/clock.h"
#include "server/formats/octets.h"
#include "server/http/http.h"
#include "server/reply_document.h"
#include "server/rows/selection.h"
#include "server/rows/snapshot_file.h"
#include "server/rows/visible.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long a request waits for a file that another one is having made. */
#define WAIT_MS 60000

/* What a request for files is about. */
struct wanted {
    const struct catalogue_datum *datum;
    const struct catalogue_snapshot *snapshot;
    struct snapshot_form form; /* of the one that is asked for */
};

/* Takes format: what gives whoever may not see all what they may. */
static struct problem *find_snapshot(struct request *rq, enum format format,
                                     struct wanted *out_wanted)
{
    struct wanted wanted = { .form = { .format = format } };
    struct access_decision decision;
    int64_t number;
    TRY(server_dataset(rq, CONTRACT_OF_OUTPUT, request_path(rq, 0), ACCESS_READ, &wanted.datum,
                       &decision));
    TRY(selection_number(rq, wanted.datum, request_path(rq, 1), &number));
    TRY(selection_snapshot(rq, wanted.datum, number, &wanted.snapshot));
    if (visible_hides(&decision, &wanted.snapshot->contract->columns))
        return problem_new(rq->arena, &PROBLEM_FORBIDDEN,
                           "the file holds all rows and columns of %s, and the access rules of "
                           "this product hide some from %s; %s/output/%s/snapshots/%lld?format=%s "
                           "gives the others",
                           wanted.datum->name, server_subject(rq), request_base_url(rq),
                           wanted.datum->name, (long long)number, format_name(format));
    *out_wanted = wanted;
    return NULL;
}

/* What does not shrink is coded only for who takes nothing else. */
static struct problem *choose_coding(struct request *rq, struct snapshot_form *form)
{
    const char *accept = request_header(rq, "Accept-Encoding");
    bool plain_is_accepted = coding_is_accepted(accept, CODING_NONE);
    form->coding = coding_choose(accept);
    if (plain_is_accepted && !coding_is_worth(format_media_type(form->format)))
        form->coding = CODING_NONE;
    if (form->coding == CODING_NONE && !plain_is_accepted)
        return problem_new(rq->arena, &PROBLEM_NOT_ACCEPTABLE,
                           "Accept-Encoding takes the file neither as it is, nor in the codings "
                           "zstd and gzip");
    return NULL;
}

static void tell_file(struct request *rq, struct reply *rp, const struct wanted *wanted,
                      const struct snapshot_file *file)
{
    const struct catalogue_snapshot *snapshot = wanted->snapshot;
    CLEANUP(buffer_clear) struct buffer digest = { 0 };
    octets_write_base64(&digest, (const char *)file->sha256, DIGEST_BYTES);
    reply_header(rp, "Vary", "Accept-Encoding");
    reply_header(rp, "Repr-Digest", "sha-256=:%.*s:", (int)digest.size, digest.data);
    reply_header(rp, "Last-Modified", "%s", clock_http_text(rq->arena, snapshot->published_at));
    reply_header(rp, "Snapshot", "%lld", (long long)snapshot->number);
    reply_header(rp, "Content-Disposition", "attachment; filename=\"%s-%lld.%s\"",
                 wanted->datum->name, (long long)snapshot->number,
                 format_extension(wanted->form.format));
    reply_header(rp, "Link", "<%s/discovery/contracts/%s/%s>; rel=\"describedby\"",
                 request_base_url(rq), snapshot->contract->id, snapshot->contract->version);
}

static struct problem *answer_file(struct request *rq, struct reply *rp,
                                   const struct wanted *wanted, const struct snapshot_file *file)
{
    reply_header(rp, "Cache-Control", "private, max-age=31536000, immutable");
    reply_header(rp, "Vary", "Authorization");
    if (reply_not_modified(rq, rp, arena_hex(rq->arena, file->sha256, DIGEST_BYTES))) {
        (void)close(file->fd); /* it was only opened */
        return NULL;
    }
    tell_file(rq, rp, wanted, file);
    return reply_file(rq, rp, format_media_type(wanted->form.format), wanted->form.coding, file->fd,
                      file->bytes);
}

/* On a worker, which has the time that it takes. */
static struct problem *make_file(struct request *rq, struct reply *rp)
{
    const struct server *server = server_of(rq);
    const struct wanted *wanted = rq->state;
    struct snapshot_file file;
    struct problem *problem =
        snapshot_file_make(server->files, rq->db, rq->arena, wanted->snapshot, wanted->form, &file);
    http_signal(atomic_load(&server->http)); /* those who wait for it look again */
    if (problem)
        return problem->kind == &PROBLEM_SNAPSHOT_RETIRED
                   ? selection_retired(rq, wanted->datum, wanted->snapshot->number)
                   : problem;
    return answer_file(rq, rp, wanted, &file);
}

struct problem *download_get(struct request *rq, struct reply *rp)
{
    static const char *const known[] = { NULL };
    struct snapshot_files *files = server_of(rq)->files;
    struct wanted *wanted = arena_new_of(rq->arena, struct wanted);
    struct snapshot_file file;
    TRY(server_known_options(rq, known));
    TRY(find_snapshot(rq, format_by_name(strrchr(rq->route->path, '.') + 1), wanted));
    TRY(choose_coding(rq, &wanted->form));
    if (snapshot_file_find(files, rq->arena, wanted->snapshot, wanted->form, &file))
        return answer_file(rq, rp, wanted, &file);
    if (!snapshot_file_is_being_made(files, rq->arena, wanted->snapshot, wanted->form)) {
        rq->state = wanted;
        return reply_by_stream(rq, rp, make_file);
    }
    if (!reply_park_is_over(rq))
        return reply_park(rq, rp, WAIT_MS);
    struct problem *busy = problem_new(rq->arena, &PROBLEM_BUSY, "the file is still being made");
    problem_add_number(rq->arena, busy, "retry_after", 10);
    return busy;
}

/* Bytes and digest of a file; null until it was made. */
static json_t *file_json(struct request *rq, const struct wanted *wanted, struct snapshot_form form)
{
    struct snapshot_file file;
    if (!snapshot_file_look(server_of(rq)->files, rq->arena, wanted->snapshot, form, &file))
        return json_pack("{s:n, s:n}", "bytes", "sha256");
    return json_pack("{s:I, s:s}", "bytes", (json_int_t)file.bytes, "sha256",
                     arena_hex(rq->arena, file.sha256, DIGEST_BYTES));
}

static json_t *format_json(struct request *rq, const struct wanted *wanted, enum format format)
{
    struct snapshot_form form = { format, CODING_NONE };
    const char *name = arena_print(rq->arena, "data.%s", format_name(format));
    json_t *codings = json_object();
    json_t *json =
        json_pack("{s:s, s:s, s:s}", "name", name, "media_type", format_media_type(format), "href",
                  arena_print(rq->arena, "%s/output/%s/snapshots/%lld/%s", request_base_url(rq),
                              wanted->datum->name, (long long)wanted->snapshot->number, name));
    int failures = json_object_update_new(json, file_json(rq, wanted, form)) != 0;
    for (form.coding = CODING_GZIP; form.coding < CODING_COUNT; form.coding++)
        if (coding_is_worth(format_media_type(format)))
            failures +=
                json_object_set_new(codings, coding_name(form.coding), file_json(rq, wanted, form))
                != 0;
    failures += json_object_set_new(json, "codings", codings) != 0;
    if (!failures)
        return json;
    json_decref(json);
    return NULL;
}

struct problem *download_list(struct request *rq, struct reply *rp)
{
    static const char *const known[] = { "format", NULL };
    static const enum format formats[] = { FORMAT_PARQUET, FORMAT_ARROW, FORMAT_CSV, FORMAT_NDJSON,
                                           FORMAT_JSON };
    struct wanted *wanted = arena_new_of(rq->arena, struct wanted);
    TRY(server_known_options(rq, known));
    TRY(find_snapshot(rq, FORMAT_JSON, wanted));
    json_t *list = json_array();
    int failures = list ? 0 : 1;
    for (size_t i = 0; i < COUNT(formats); i++)
        failures += json_array_append_new(list, format_json(rq, wanted, formats[i])) != 0;
    char *text = failures ? NULL : json_dumps(list, JSON_COMPACT);
    json_decref(list);
    if (!text)
        return problem_new(rq->arena, &PROBLEM_INTERNAL, "the list cannot be written");
    const char *kept = arena_text(rq->arena, text);
    free(text);
    return reply_document(rq, rp, kept, digest_sha256_hex(rq->arena, kept, strlen(kept)));
}
