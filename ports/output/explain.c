#include "explain.h"

#include "selection.h"

/* EXPLAIN gives one row with one value, the plan as JSON text. */
static struct problem *ask_plan(struct request *rq, const struct db_query *sql, json_t **out_plan)
{
    const struct db_query explain = {
        .text = arena_print(rq->arena, "EXPLAIN (FORMAT JSON) %s", sql->text),
        .params = sql->params,
        .param_count = sql->param_count,
    };
    const struct db_value *row = NULL;
    size_t count;
    TRY(db_stream_begin(rq->db, rq->arena, &explain));
    TRY(db_stream_next(rq->db, rq->arena, &row, &count));
    json_t *plan = row && row[0].size > 0
                       ? json_loadb(row[0].data, (size_t)row[0].size, JSON_DECODE_ANY, NULL)
                       : NULL;
    if (!plan)
        return problem_new(rq->arena, &PROBLEM_INTERNAL, "Postgres gave no plan");
    *out_plan = plan;
    return NULL;
}

static json_t *columns_json(struct request *rq, const struct columns *columns)
{
    json_t *list = json_array();
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->list[i];
        /* takes the reference also when it fails; a NULL list becomes a problem in reply_json */
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "name", column->name, "type",
                                                    column_sql_type(rq->arena, column), "required",
                                                    column->required));
    }
    return list;
}

struct problem *explain_answer(struct request *rq, struct reply *rp)
{
    struct selection *selection;
    struct db_query sql;
    json_t *plan = NULL;
    TRY(selection_make(rq, NULL, &selection));
    TRY(selection_sql(rq, selection, &sql));
    struct problem *problem = ask_plan(rq, &sql, &plan);
    db_stream_stop(rq->db);
    if (problem)
        return selection_failure(rq, selection, problem, db_sqlstate(rq->db));
    reply_header(rp, "Cache-Control", "no-store");
    return reply_json(rq, rp, 200,
                      json_pack("{s:s, s:I, s:s, s:s, s:s, s:i, s:o, s:o}", "dataset",
                                selection->datum->name, "snapshot",
                                (json_int_t)selection->snapshot->number, "query",
                                query_canonical(rq->arena, selection->query), "lane",
                                selection->bounded ? "read" : "heavy", "sql", sql.text,
                                "parameters", (int)sql.param_count, "columns",
                                columns_json(rq, query_columns(selection->query)), "plan", plan));
}
