#include "changes.h"

#include "server/base/digest.h"
#include "server/pipeline/diff_sql.h"
#include "server/rows/selection.h"
#include "server/rows/stream.h"
#include "server/rows/visible.h"

#include <string.h>

/* The name of the column that says what happened: those of contracts begin with a letter. */
#define CHANGE_COLUMN "_change"

struct changes {
    const struct catalogue_datum *datum;
    struct access_decision decision;
    const struct catalogue_snapshot *from;
    const struct catalogue_snapshot *to;
    bool pinned; /* the URL names both */
    enum format format;
    struct columns
        columns; /* of an answer: what happened, then what both have and the subject sees */
    struct columns common; /* those without the first */
    const struct columns *key;
};

static struct problem *find_snapshots(struct request *rq, struct changes *changes)
{
    int64_t from;
    int64_t to;
    TRY(server_dataset(rq, CONTRACT_OF_OUTPUT, request_path(rq, 0), ACCESS_READ, &changes->datum,
                       &changes->decision));
    TRY(server_number_option(rq, "from", 1, INT64_MAX, 0, &from));
    TRY(server_number_option(rq, "to", 1, INT64_MAX, 0, &to));
    if (!from) {
        struct problem *problem =
            problem_new(rq->arena, &PROBLEM_BAD_QUERY,
                        "from is missing: the number of the snapshot to compare with; "
                        "%s/output/%s/snapshots lists them",
                        request_base_url(rq), changes->datum->name);
        problem_add_text(rq->arena, problem, "option", "from");
        return problem;
    }
    TRY(selection_snapshot(rq, changes->datum, from, &changes->from));
    TRY(selection_snapshot(rq, changes->datum, to, &changes->to));
    changes->pinned = to;
    return NULL;
}

/* Columns both snapshots have and the subject may see; without the key there is nothing to tell
 * rows by. */
static struct problem *find_columns(struct request *rq, struct changes *changes)
{
    const struct contract *from = changes->from->contract;
    const struct contract *to = changes->to->contract;
    const struct columns both = diff_common(rq->arena, from, to);
    const char *number;
    struct columns seen = visible_columns(rq->arena, &both, &changes->decision, false, &number);
    changes->key = diff_key(&seen, from, to);
    if (!changes->key)
        return problem_new(rq->arena, &PROBLEM_BAD_QUERY,
                           "rows of %s cannot be told apart: there is no primary key that both "
                           "snapshots have and %s may see",
                           changes->datum->name, server_subject(rq));
    struct column *list = arena_array_of(rq->arena, struct column, seen.count + 1);
    list[0] = (struct column){
        .name = CHANGE_COLUMN, .type = COLUMN_TEXT, .required = true, .shortest = -1, .longest = -1
    };
    memcpy(list + 1, seen.list, seen.count * sizeof *list);
    changes->columns = (struct columns){ list, seen.count + 1 };
    changes->common = (struct columns){ list + 1, seen.count };
    return NULL;
}

static const char *etag_of(struct request *rq, const struct changes *changes)
{
    const char *identity =
        arena_print(rq->arena, "changes|%lld|%s|%s|%lld|%s|%s|%s|%s", (long long)changes->from->id,
                    changes->from->sha256, changes->from->contract->sha256,
                    (long long)changes->to->id, changes->to->sha256, changes->to->contract->sha256,
                    format_name(changes->format), changes->decision.fingerprint);
    unsigned char sum[DIGEST_BYTES];
    digest_sha256(identity, strlen(identity), sum);
    return arena_hex(rq->arena, sum, 16);
}

/* One side: the common columns of those rows that the subject may see. */
static struct problem *side_sql(struct request *rq, const struct changes *changes,
                                const struct catalogue_snapshot *snapshot, struct db_query *out_sql)
{
    static const char *const none[] = { NULL };
    struct query *query;
    TRY(query_parse(rq->arena, &changes->common, NULL, 0, none, &query_default_limits, &query));
    if (changes->decision.row_filters)
        TRY(query_restrict(rq->arena, &snapshot->contract->columns, changes->decision.row_filters,
                           &query_default_limits, query));
    return query_sql(rq->arena, query, catalogue_snapshot_from(rq->arena, snapshot), -1, NULL,
                     false, false, out_sql);
}

static bool same_param(const struct db_param *left, const struct db_param *right)
{
    if (left->type != right->type || left->is_null != right->is_null)
        return false;
    return left->type == DB_TEXT && !left->is_null ? strcmp(left->text, right->text) == 0
                                                   : left->integer == right->integer;
}

/* Both sides hold the rules' values as the same parameters; where a column of a rule has another
 * type in the other contract they may not be. */
static bool same_params(const struct db_query *left, const struct db_query *right)
{
    bool same = left->param_count == right->param_count;
    for (size_t i = 0; i < left->param_count && same; i++)
        same = same_param(&left->params[i], &right->params[i]);
    return same;
}

static struct problem *changes_sql(struct request *rq, const struct changes *changes,
                                   struct db_query *out_sql)
{
    struct db_query from;
    struct db_query to;
    TRY(side_sql(rq, changes, changes->from, &from));
    TRY(side_sql(rq, changes, changes->to, &to));
    if (!same_params(&from, &to))
        return problem_new(rq->arena, &PROBLEM_NOT_IMPLEMENTED,
                           "the contract of %s changed between the snapshots what an access rule "
                           "means, so that they cannot be compared for %s",
                           changes->datum->name, server_subject(rq));
    const struct diff_sides sides = { &changes->common, changes->key, from.text, to.text };
    *out_sql =
        (struct db_query){ diff_changes_sql(rq->arena, &sides), from.params, from.param_count };
    return NULL;
}

/* On a worker: the rows as they come. */
static struct problem *stream(struct request *rq, struct reply *rp)
{
    const struct changes *changes = rq->state;
    struct db_query sql;
    bool begun;
    TRY(changes_sql(rq, changes, &sql));
    struct problem *problem = rows_stream(rq, rp, changes->format, &changes->columns, &sql, &begun);
    bool dropped = problem && !begun && strcmp(db_sqlstate(rq->db), "42P01") == 0;
    return dropped ? selection_retired(rq, changes->datum, changes->from->number) : problem;
}

static void say(struct request *rq, struct reply *rp, const struct changes *changes)
{
    const char *base = request_base_url(rq);
    reply_header(rp, "Snapshot", "%lld", (long long)changes->to->number);
    if (!changes->pinned)
        reply_header(rp, "Link", "<%s/output/%s/changes?from=%lld&to=%lld>; rel=\"canonical\"",
                     base, changes->datum->name, (long long)changes->from->number,
                     (long long)changes->to->number);
    if (format_is_columnar(changes->format)) /* no browser shows it, so it is saved */
        reply_header(rp, "Content-Disposition", "attachment; filename=\"%s-%lld-%lld.%s\"",
                     changes->datum->name, (long long)changes->from->number,
                     (long long)changes->to->number, format_extension(changes->format));
}

struct problem *changes_get(struct request *rq, struct reply *rp)
{
    static const char *const known[] = { "from", "to", "format", "$format", NULL };
    struct changes *changes = arena_new_of(rq->arena, struct changes);
    TRY(server_known_options(rq, known));
    TRY(find_snapshots(rq, changes));
    TRY(selection_format(rq, &changes->format));
    TRY(find_columns(rq, changes));
    selection_cache_headers(rp, changes->pinned);
    if (reply_not_modified(rq, rp, etag_of(rq, changes)))
        return NULL;
    say(rq, rp, changes);
    if (rq->method == HEAD) /* its length is not known without making it */
        return reply_head(rq, rp, 200, format_media_type(changes->format));
    rq->state = changes;
    return reply_by_stream(rq, rp, stream);
}
