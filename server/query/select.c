/* query_sql and query_count_sql: the statement around the expressions; what its failure means. */
#include "apply.h"
#include "fault.h"
#include "keyset.h"
#include "server/base/text.h"
#include "sql_writer.h"

static void add_places(struct sql_writer *writer, const struct query *query)
{
    if (query->keyed) {
        for (size_t i = 0; i < query->total.count; i++) {
            sql_add(writer, ", ");
            sql_add_value(writer, query->total.list[i].term);
        }
        return;
    }
    sql_add(writer, ", row_number() OVER (");
    sql_add_order(writer, &query->total);
    sql_add(writer, ")");
}

static void add_columns(struct sql_writer *writer, const struct query *query)
{
    for (size_t i = 0; i < query->selected.count; i++) {
        sql_add(writer, i ? ", " : "");
        sql_add_column(writer, &query->selected.list[i]);
    }
}

/* Rows to leave out at the start: skip, or without a key all rows that were given before. */
static struct problem *find_offset(struct arena *arena, const struct query *query,
                                   const struct query_place *place, int64_t *out_offset)
{
    *out_offset = place ? 0 : query->skip;
    if (!place || query->keyed)
        return NULL;
    if (place->count != 1 || !place->values[0] || !text_to_int64(place->values[0], out_offset)
        || *out_offset < 0)
        return fault_new(arena, "skiptoken", 0, "the place to go on from is one of another order");
    return NULL;
}

static struct problem *add_where(struct sql_writer *writer, const struct query *query,
                                 const struct query_place *place)
{
    bool by_key = place && query->keyed;
    if (!query->filter && !by_key)
        return NULL;
    sql_add(writer, " WHERE ");
    if (query->filter)
        sql_add_truth(writer, query->filter, SQL_HOLDS);
    if (!by_key)
        return NULL;
    sql_add(writer, query->filter ? " AND " : "");
    return keyset_add(writer, &query->total, place);
}

static struct problem *add_select(struct sql_writer *writer, const struct query *query,
                                  const char *from, int64_t limit, const struct query_place *place,
                                  bool with_place, bool ordered)
{
    int64_t offset;
    TRY(find_offset(writer->arena, query, place, &offset));
    if (limit < 0 || (query->top >= 0 && query->top < limit))
        limit = query->top;
    sql_add(writer, "SELECT ");
    add_columns(writer, query);
    if (with_place)
        add_places(writer, query);
    sql_add(writer, " FROM ");
    apply_add_from(writer, query, from);
    TRY(add_where(writer, query, place));
    /* a part of the rows is the same part every time only in a total order; what apply makes comes
     * in any order, and another each time, without one */
    if ((ordered || place || with_place || query->asked.count || query->top >= 0 || query->skip
         || query->steps)
        && !query_is_one_row(query))
        sql_add_order(writer, &query->total);
    if (limit >= 0) {
        sql_add(writer, " LIMIT ");
        sql_add_int(writer, limit);
    }
    if (offset > 0) {
        sql_add(writer, " OFFSET ");
        sql_add_param(writer, sql_param(writer, db_int64(offset)), "int8");
    }
    return NULL;
}

struct problem *query_sql(struct arena *arena, const struct query *query, const char *from,
                          int64_t limit, const struct query_place *place, bool with_place,
                          bool ordered, struct db_query *out_sql)
{
    CLEANUP(sql_end) struct sql_writer writer;
    sql_begin(&writer, arena);
    writer.scope = step_scope(query->steps);
    TRY(add_select(&writer, query, from, limit, place, with_place, ordered));
    return sql_finish(&writer, out_sql);
}

struct problem *query_count_sql(struct arena *arena, const struct query *query, const char *from,
                                struct db_query *out_sql)
{
    CLEANUP(sql_end) struct sql_writer writer;
    sql_begin(&writer, arena);
    writer.scope = step_scope(query->steps);
    sql_add(&writer, "SELECT count(*) FROM ");
    apply_add_from(&writer, query, from);
    TRY(add_where(&writer, query, NULL));
    return sql_finish(&writer, out_sql);
}

struct problem *query_failure(struct arena *arena, const char *sqlstate)
{
    static const struct {
        const char *sqlstate;
        const char *detail;
    } failures[] = {
        { "22012", "for some row the query divides by zero" },
        { "22003", "for some row a number the query computes is out of range" },
        { "22008", "for some row a date or time the query computes is out of range" },
        { "2201B", "a pattern of the query is not one that Postgres understands" },
    };
    for (size_t i = 0; i < COUNT(failures); i++)
        if (strcmp(failures[i].sqlstate, sqlstate) == 0)
            return problem_new(arena, &PROBLEM_BAD_QUERY, "%s", failures[i].detail);
    return NULL;
}
