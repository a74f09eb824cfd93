#include "count.h"

#include "server/query/counts.h"

#include <string.h>

static void tell(struct reply *rp, int64_t rows)
{
    reply_header(rp, "Total-Count", "%lld", (long long)rows);
}

bool count_tell(struct request *rq, struct reply *rp, const struct selection *selection)
{
    struct count_key key;
    int64_t rows = selection->snapshot->rows;
    bool all = !query_has_filter(selection->query) && !query_has_apply(selection->query);
    if (!all
        && (!counts_key(rq->arena, selection->query, selection->snapshot->id, &key)
            || !counts_find(server_of(rq)->counts, &key, &rows)))
        return false;
    tell(rp, rows);
    return true;
}

static void keep_and_tell(struct request *rq, struct reply *rp, const struct selection *selection,
                          int64_t rows)
{
    struct count_key key;
    if (counts_key(rq->arena, selection->query, selection->snapshot->id, &key))
        counts_keep(server_of(rq)->counts, &key, rows);
    tell(rp, rows);
}

static int64_t number_of(struct db_value value)
{
    uint64_t number = 0;
    for (int32_t i = 0; i < value.size; i++)
        number = number << 8 | (unsigned char)value.data[i];
    return (int64_t)number;
}

/* What goes on when the count has come. */
struct asking {
    struct selection *selection;
    struct problem *(*then)(struct request *rq, struct reply *rp, struct selection *selection);
    struct problem *(*work)(struct request *rq, struct reply *rp);
};

static struct problem *finish_count(struct request *rq, struct reply *rp, void *context,
                                    struct problem *problem, const char *sqlstate,
                                    const struct lane_rows *rows)
{
    const struct asking *asking = context;
    if (problem && selection_took_too_long(sqlstate)) {
        rq->state = asking->selection;
        return reply_by_worker(rq, rp, asking->work);
    }
    if (problem)
        return selection_failure(rq, asking->selection, problem, sqlstate);
    keep_and_tell(rq, rp, asking->selection, number_of(lane_value(rows, 0, 0)));
    asking->selection->counts = false;
    return asking->then(rq, rp, asking->selection);
}

struct problem *count_ask(struct request *rq, struct reply *rp, struct selection *selection,
                          struct problem *(*then)(struct request *, struct reply *,
                                                  struct selection *),
                          struct problem *(*work)(struct request *, struct reply *))
{
    struct asking *asking = arena_new_of(rq->arena, struct asking);
    struct db_query sql;
    *asking = (struct asking){ selection, then, work };
    TRY(query_count_sql(rq->arena, selection->query, selection->from, &sql));
    return reply_rows(rq, rp, &sql, finish_count, asking);
}

struct problem *count_now(struct request *rq, struct reply *rp, const struct selection *selection)
{
    struct db_query sql;
    const struct db_value *row = NULL;
    size_t columns;
    TRY(query_count_sql(rq->arena, selection->query, selection->from, &sql));
    struct problem *problem = db_stream_begin(rq->db, rq->arena, &sql);
    if (!problem)
        problem = db_stream_next(rq->db, rq->arena, &row, &columns);
    int64_t rows = row ? number_of(row[0]) : 0;
    db_stream_stop(rq->db);
    if (problem)
        return selection_failure(rq, selection, problem, db_sqlstate(rq->db));
    keep_and_tell(rq, rp, selection, rows);
    return NULL;
}
