#include "snapshot_diff.h"

#include "dataset.h"
#include "server/pipeline/diff.h"

static struct problem *find(struct request *rq, const struct catalogue_datum *datum, int64_t number,
                            const struct catalogue_snapshot **out_snapshot)
{
    *out_snapshot = catalogue_snapshot(datum, number);
    if (*out_snapshot && !(*out_snapshot)->retired)
        return NULL;
    return problem_new(rq->arena, &PROBLEM_SNAPSHOT_RETIRED,
                       "snapshot %lld of %s is not there any more, or never was", (long long)number,
                       datum->name);
}

static json_t *names(const char *const *list)
{
    json_t *array = json_array();
    for (size_t i = 0; list[i]; i++)
        /* a list that cannot grow becomes a problem in reply_json */
        (void)json_array_append_new(array, json_string(list[i]));
    return array;
}

/* The snapshot before `to` that is kept; `to` itself where there is none. */
static int64_t before(const struct catalogue_datum *datum, int64_t to)
{
    int64_t number = to;
    for (size_t i = 0; i < datum->snapshot_count; i++)
        if (datum->snapshots[i].number < to && !datum->snapshots[i].retired)
            number = datum->snapshots[i].number;
    return number;
}

struct problem *snapshot_diff_get(struct request *rq, struct reply *rp)
{
    static const char *const known[] = { "from", "to", NULL };
    const struct catalogue_datum *datum;
    const struct catalogue_snapshot *from;
    const struct catalogue_snapshot *to;
    int64_t from_number;
    int64_t to_number;
    struct diff diff;
    TRY(server_known_options(rq, known));
    TRY(dataset_of_path(rq, &datum));
    TRY(server_number_option(rq, "to", 1, INT64_MAX, datum->current, &to_number));
    TRY(server_number_option(rq, "from", 1, INT64_MAX, before(datum, to_number), &from_number));
    TRY(find(rq, datum, from_number, &from));
    TRY(find(rq, datum, to_number, &to));
    TRY(diff_snapshots(rq->db, rq->arena, from, to, &diff));
    return reply_json(
        rq, rp, 200,
        json_pack("{s:s, s:{s:I, s:I}, s:{s:I, s:I}, s:s, s:I, s:I, s:I, s:{s:o, s:o, s:o}}",
                  "dataset", datum->name, "from", "snapshot", (json_int_t)from_number, "rows",
                  (json_int_t)diff.from_rows, "to", "snapshot", (json_int_t)to_number, "rows",
                  (json_int_t)diff.to_rows, "compared_by", diff.by_key ? "key" : "row", "added",
                  (json_int_t)diff.added, "removed", (json_int_t)diff.removed, "changed",
                  (json_int_t)diff.changed, "columns", "added", names(diff.columns_added),
                  "removed", names(diff.columns_removed), "retyped", names(diff.columns_retyped)));
}
