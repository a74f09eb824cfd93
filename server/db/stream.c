#include "stream.h"

#include "connection.h"
#include "copy_tuple.h"
#include "params.h"

#include <assert.h>
#include <stdlib.h>

struct problem *db_stream_begin(struct db *db, struct arena *arena, const struct db_query *query)
{
    struct params params;
    params_encode(arena, query->params, query->param_count, &params);
    TRY(connection_ready(db, arena));
    if (!PQsendQueryParams(db->connection, query->text, params.count, params.types, params.values,
                           params.lengths, params.formats, 1))
        return connection_failed(db, arena, NULL);
    int single = PQsetSingleRowMode(db->connection);
    assert(single); /* refused only when nothing was sent */
    db->stream = CONNECTION_ROWS;
    return NULL;
}

struct problem *db_stream_begin_select(struct db *db, struct arena *arena,
                                       const struct db_query *query)
{
    if (query->param_count)
        return db_stream_begin(db, arena, query);
    const char *source = query->table ? query->table : arena_join(arena, "(", query->text, ")");
    TRY(db_copy_out(db, arena, arena_join(arena, "COPY ", source, " TO STDOUT (FORMAT binary)")));
    db->copied_any = false;
    return NULL;
}

static void stream_ended(struct db *db)
{
    connection_drain(db);
    db->stream = CONNECTION_NO_STREAM;
}

static void need_values(struct db *db, size_t count)
{
    if (count > db->value_count) {
        db->values = arena_array_of(db->arena, struct db_value, count);
        db->value_count = count;
    }
}

/* The next message that is a tuple; *out_size 0: there is none. The trailer is none: what comes
 * behind it is the end, or why there is no good one. */
static struct problem *next_tuple(struct db *db, struct arena *arena, const char **out_data,
                                  size_t *out_size)
{
    do {
        TRY(db_copy_read(db, arena, out_data, out_size));
        size_t header = db->copied_any ? 0 : copy_header_size(*out_data, *out_size);
        db->copied_any = true;
        *out_data += header;
        *out_size -= header;
    } while (db->stream == CONNECTION_COPY_OUT && copy_tuple_count(*out_data, *out_size) < 0);
    return NULL;
}

static struct problem *next_copied(struct db *db, struct arena *arena,
                                   const struct db_value **out_row, size_t *out_column_count)
{
    const char *data;
    size_t size;
    *out_row = NULL;
    *out_column_count = 0;
    TRY(next_tuple(db, arena, &data, &size));
    if (!size)
        return NULL;
    size_t count = (size_t)copy_tuple_count(data, size);
    need_values(db, count);
    if (!copy_tuple_values(data, size, count, db->values))
        return problem_new(arena, &PROBLEM_INTERNAL, "a row of COPY is not as it should be");
    *out_row = db->values;
    *out_column_count = count;
    return NULL;
}

static const struct db_value *row_values(struct db *db, const PGresult *row)
{
    size_t count = (size_t)PQnfields(row);
    need_values(db, count);
    for (int i = 0; i < (int)count; i++) {
        db->values[i].data = PQgetvalue(row, 0, i);
        db->values[i].size = PQgetisnull(row, 0, i) ? -1 : PQgetlength(row, 0, i);
    }
    return db->values;
}

struct problem *db_stream_next(struct db *db, struct arena *arena, const struct db_value **out_row,
                               size_t *out_column_count)
{
    if (db->stream == CONNECTION_COPY_OUT)
        return next_copied(db, arena, out_row, out_column_count);
    assert(db->stream == CONNECTION_ROWS);
    PQclear(TAKE(db->row));
    db->row = PQgetResult(db->connection);
    ExecStatusType status = PQresultStatus(db->row);
    if (status == PGRES_SINGLE_TUPLE) {
        *out_column_count = (size_t)PQnfields(db->row);
        *out_row = row_values(db, db->row);
        return NULL;
    }
    CLEANUP(PQclear_at) PGresult *last = TAKE(db->row);
    stream_ended(db);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        return connection_failed(db, arena, last);
    connection_settle(db);
    *out_column_count = (size_t)PQnfields(last);
    *out_row = NULL;
    return NULL;
}

/* What was sent before the cancel arrived must still be read; without a cancel that has no end. */
static void cancel_and_drain(struct db *db)
{
    char refused[256];
    if (!PQcancel(db->cancel, refused, sizeof refused)) {
        connection_close(db);
        return;
    }
    if (db->stream == CONNECTION_COPY_OUT) {
        char *data = NULL;
        while (PQgetCopyData(db->connection, &data, 0) > 0)
            PQfreemem(data);
    }
    stream_ended(db);
    if (PQstatus(db->connection) == CONNECTION_OK)
        connection_settle(db);
    else
        connection_close(db);
}

void db_stream_stop(struct db *db)
{
    PQclear(TAKE(db->row));
    PQfreemem(TAKE(db->copied));
    if (db->stream == CONNECTION_COPY_IN)
        db_copy_abandon(db);
    else if (db->stream != CONNECTION_NO_STREAM)
        cancel_and_drain(db);
}
