#include "count.h"

#include "server/formats/wire.h"
#include "server/query/counts.h"

#include <assert.h>

/* Rows that have a number are counted anew: who sees other columns has them numbered otherwise. */
static bool key_of(struct request *rq, const struct selection *selection, struct count_key *out_key)
{
    return !selection->number
           && counts_key(rq->arena, selection->query, selection->snapshot->id, out_key);
}

bool count_find(struct request *rq, const struct selection *selection, int64_t *out_rows)
{
    struct count_key key;
    if (!query_has_filter(selection->query) && !query_has_apply(selection->query)) {
        *out_rows = selection->snapshot->rows;
        return true;
    }
    return key_of(rq, selection, &key) && counts_find(server_of(rq)->counts, &key, out_rows);
}

struct problem *count_sql(struct request *rq, const struct selection *selection,
                          struct db_query *out_sql)
{
    TRY(query_count_sql(rq->arena, selection->query, selection_from(rq, selection), out_sql));
    out_sql->costly = true;
    return NULL;
}

int64_t count_keep(struct request *rq, const struct selection *selection, struct db_value value)
{
    struct count_key key;
    assert(value.size == 8);
    int64_t rows = (int64_t)wire_get64(value.data);
    if (key_of(rq, selection, &key))
        counts_keep(server_of(rq)->counts, &key, rows);
    return rows;
}

struct problem *count_now(struct request *rq, const struct selection *selection, int64_t *out_rows)
{
    struct db_query sql;
    const struct db_value *row = NULL;
    size_t columns;
    TRY(count_sql(rq, selection, &sql));
    struct problem *problem = db_stream_begin(rq->db, rq->arena, &sql);
    if (!problem)
        problem = db_stream_next(rq->db, rq->arena, &row, &columns);
    if (!problem && row)
        *out_rows = count_keep(rq, selection, row[0]);
    db_stream_stop(rq->db);
    return problem ? selection_failure(rq, selection, problem, db_sqlstate(rq->db)) : NULL;
}
