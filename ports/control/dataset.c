#include "dataset.h"

#include "server/base/text.h"
#include "server/pipeline/publish.h"
#include "sql.h"

#include <string.h>

#define LIST_MOST 1000

struct problem *dataset_of_path(struct request *rq, const struct catalogue_datum **out_datum)
{
    const char *name = request_path(rq, 0);
    *out_datum = catalogue_datum(server_catalogue(rq), CONTRACT_OF_OUTPUT, name);
    return *out_datum
               ? NULL
               : problem_new(rq->arena, &PROBLEM_DATASET_UNKNOWN,
                             "there is no output dataset %s; /discovery/datasets lists them", name);
}

/* The body as an object whose members are all known. */
static struct problem *read_object(struct request *rq, const char *const *known,
                                   const char *example, struct faults *faults,
                                   const struct node **out_root)
{
    const char *text;
    size_t size;
    TRY(request_document(rq, &text, &size));
    const struct document_text source = { NULL, text, size, DOCUMENT_JSON };
    const struct node *root = document_parse(rq->arena, &source, size, faults);
    if (root && root->kind != NODE_OBJECT) {
        node_fault(faults, root, "must be an object such as %s", example);
        root = NULL;
    }
    for (const struct node *member = root ? root->first : NULL; member; member = member->next) {
        bool found = false;
        for (size_t i = 0; known[i]; i++)
            found = found || strcmp(known[i], member->key) == 0;
        if (!found)
            node_fault(faults, member, "is not understood; the body is such as %s", example);
    }
    *out_root = root;
    return NULL;
}

static int64_t whole_number(const struct node *root, const char *name, bool required,
                            struct faults *faults)
{
    int64_t number = 0;
    const struct node *member = node_member(root, name);
    if (!root || (!member && !required))
        return 0;
    if (!member)
        node_fault(faults, root, "%s is missing: the number of a snapshot", name);
    else if (!node_to_int64(member, &number) || number < 1)
        node_fault(faults, member, "must be the number of a snapshot");
    return number;
}

struct rollback {
    const struct catalogue_datum *datum;
    int64_t to;
    int64_t expected; /* 0: any */
    const char *subject;
    int64_t from;
    bool moved;
};

static struct problem *roll_back(struct db *db, struct arena *arena, void *context)
{
    struct rollback *rollback = context;
    const struct db_param in[] = { db_int64(rollback->datum->id), db_int64(rollback->to),
                                   rollback->expected ? db_int64(rollback->expected)
                                                      : db_null(DB_INT64),
                                   db_text(rollback->subject) };
    const struct db_column out[] = { db_to_int64(&rollback->from) };
    TRY(db_maybe(db, arena, &sql_snapshot_rollback, in, COUNT(in), out, COUNT(out),
                 &rollback->moved));
    return rollback->moved ? publish_told(db, arena) : NULL;
}

/* Why the pointer was not moved, by what the catalogue says now. */
static struct problem *not_moved(struct request *rq, const struct rollback *rollback)
{
    const struct catalogue_datum *datum = rollback->datum;
    const struct catalogue_snapshot *snapshot = catalogue_snapshot(datum, rollback->to);
    if (!snapshot || snapshot->retired)
        return problem_new(rq->arena, &PROBLEM_SNAPSHOT_RETIRED,
                           "snapshot %lld of %s is not there any more, or never was",
                           (long long)rollback->to, datum->name);
    return problem_new(rq->arena, &PROBLEM_CONFLICT,
                       "snapshot %lld of %s is current; it is the one asked for, or not the one "
                       "expected",
                       (long long)datum->current, datum->name);
}

struct problem *dataset_post_rollback(struct request *rq, struct reply *rp)
{
    static const char *const known[] = { "to", "expect", NULL };
    struct rollback rollback = { .subject = server_subject(rq) };
    struct faults faults;
    const struct node *root;
    faults_init(&faults, rq->arena, 20);
    TRY(dataset_of_path(rq, &rollback.datum));
    TRY(read_object(rq, known, "{\"to\": 41}", &faults, &root));
    rollback.to = whole_number(root, "to", true, &faults);
    rollback.expected = whole_number(root, "expect", false, &faults);
    TRY(faults_problem(&faults, &PROBLEM_INVALID_DOCUMENT, "the request is not valid"));
    TRY(db_transact(rq->db, rq->arena, roll_back, &rollback));
    if (!rollback.moved)
        return not_moved(rq, &rollback);
    TRY(server_refresh(rq));
    return reply_json(rq, rp, 200,
                      json_pack("{s:s, s:I, s:I}", "dataset", rollback.datum->name, "from",
                                (json_int_t)rollback.from, "to", (json_int_t)rollback.to));
}

struct publication_row {
    struct request *rq;
    json_t *list;
    int64_t id, from, to, run_id, at;
    const char *kind, *subject;
};

static json_t *number_or_null(int64_t number)
{
    return number ? json_integer(number) : json_null();
}

static struct problem *append_publication(void *context)
{
    struct publication_row *row = context;
    json_t *item = json_pack("{s:I, s:s, s:o, s:I, s:o, s:s, s:o}", "id", (json_int_t)row->id,
                             "kind", row->kind, "from", number_or_null(row->from), "to",
                             (json_int_t)row->to, "run", number_or_null(row->run_id), "subject",
                             row->subject, "at", server_json_time(row->rq, row->at));
    if (!item || json_array_append_new(row->list, item))
        return problem_new(row->rq->arena, &PROBLEM_INTERNAL, "the list cannot be written");
    return NULL;
}

CLEANUP_DEFINE(json_t *, json_decref)

struct problem *dataset_get_publications(struct request *rq, struct reply *rp)
{
    static const char *const known[] = { "before", "top", NULL };
    const struct catalogue_datum *datum;
    int64_t before;
    int64_t top;
    TRY(server_known_options(rq, known));
    TRY(server_number_option(rq, "before", 1, INT64_MAX, INT64_MAX, &before));
    TRY(server_number_option(rq, "top", 1, LIST_MOST, 100, &top));
    TRY(dataset_of_path(rq, &datum));
    CLEANUP(json_decref_at) json_t *list = json_array();
    struct publication_row row = { .rq = rq, .list = list };
    const struct db_param in[] = { db_int64(datum->id), db_int64(before), db_int64(top) };
    const struct db_column out[] = {
        db_to_int64(&row.id), db_to_text(&row.kind),          db_to_int64_or(&row.from, 0),
        db_to_int64(&row.to), db_to_int64_or(&row.run_id, 0), db_to_text(&row.subject),
        db_to_time(&row.at),
    };
    TRY(db_each(rq->db, rq->arena, &sql_publication_list, in, COUNT(in), out, COUNT(out),
                append_publication, &row));
    return reply_json(rq, rp, 200, TAKE(list));
}

static struct problem *number_of_path(struct request *rq, int64_t *out_number)
{
    if (text_to_int64(request_path(rq, 1), out_number) && *out_number > 0)
        return NULL;
    return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "%s is no number of a snapshot",
                       request_path(rq, 1));
}

struct problem *dataset_put_pin(struct request *rq, struct reply *rp)
{
    static const char *const members[] = { "reason", NULL };
    const struct catalogue_datum *datum;
    int64_t number;
    int64_t pinned;
    bool found;
    struct faults faults;
    const struct node *root;
    faults_init(&faults, rq->arena, 20);
    TRY(dataset_of_path(rq, &datum));
    TRY(number_of_path(rq, &number));
    TRY(read_object(rq, members, "{\"reason\": \"audit of 2026\"}", &faults, &root));
    const char *reason = node_text(root, "reason");
    if (root && (!reason || !*reason || strlen(reason) > 1000))
        node_fault(&faults, root, "reason is missing: say why it is kept, in 1 to 1000 bytes");
    TRY(faults_problem(&faults, &PROBLEM_INVALID_DOCUMENT, "the request is not valid"));
    const struct db_param in[] = { db_int64(datum->id), db_int64(number), db_text(reason),
                                   db_text(server_subject(rq)) };
    const struct db_column out[] = { db_to_int64(&pinned) };
    TRY(db_maybe(rq->db, rq->arena, &sql_pin_put, in, COUNT(in), out, COUNT(out), &found));
    if (!found)
        return problem_new(rq->arena, &PROBLEM_SNAPSHOT_RETIRED,
                           "snapshot %lld of %s is not there any more, or never was",
                           (long long)number, datum->name);
    return reply_json(rq, rp, 200,
                      json_pack("{s:s, s:I, s:s}", "dataset", datum->name, "number",
                                (json_int_t)number, "reason", reason));
}

struct problem *dataset_delete_pin(struct request *rq, struct reply *rp)
{
    const struct catalogue_datum *datum;
    int64_t number;
    int64_t gone;
    bool found;
    TRY(dataset_of_path(rq, &datum));
    TRY(number_of_path(rq, &number));
    const struct db_param in[] = { db_int64(datum->id), db_int64(number) };
    const struct db_column out[] = { db_to_int64(&gone) };
    TRY(db_maybe(rq->db, rq->arena, &sql_pin_delete, in, COUNT(in), out, COUNT(out), &found));
    if (!found)
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "snapshot %lld of %s is not pinned",
                           (long long)number, datum->name);
    return reply_empty(rq, rp, 204);
}
