#include "stream.h"

#include "connection.h"
#include "params.h"

#include <assert.h>
#include <stdlib.h>

/* COPY's binary format: what stands before the first row, and the count that ends the rows. */
#define COPY_HEADER_BYTES 19
#define COPY_END (-1)

struct problem *db_stream_begin(struct db *db, struct arena *arena, const struct db_query *query)
{
    struct params params;
    db->copies_rows = query->param_count == 0;
    db->header_passed = false;
    if (db->copies_rows) /* COPY takes no parameters, and costs half of what single rows do here */
        return db_copy_out(db, arena,
                           arena_print(arena, "COPY (%s) TO STDOUT (FORMAT binary)", query->text));
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

static void stream_ended(struct db *db)
{
    connection_drain(db);
    db->stream = CONNECTION_NO_STREAM;
}

static void make_room(struct db *db, size_t count)
{
    if (count <= db->value_count)
        return;
    db->values = arena_array_of(db->arena, struct db_value, count);
    db->value_count = count;
}

static int32_t read_int(const char *data, size_t size)
{
    uint32_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | (unsigned char)data[i];
    return size == sizeof(int16_t) ? (int16_t)value : (int32_t)value;
}

/* A message of COPY is one row: the number of its values, then each with its size. Postgres wrote
 * it, so a size that does not fit is a bug, not bad input. */
static size_t split_copied(struct db *db, const char *data, const char *end)
{
    size_t count = (size_t)read_int(data, sizeof(int16_t));
    data += sizeof(int16_t);
    make_room(db, count);
    for (size_t i = 0; i < count; i++) {
        assert(end - data >= (ptrdiff_t)sizeof(int32_t));
        db->values[i].size = read_int(data, sizeof(int32_t));
        data += sizeof(int32_t);
        db->values[i].data = data;
        data += db->values[i].size > 0 ? db->values[i].size : 0;
        assert(data <= end);
    }
    return count;
}

static struct problem *next_copied(struct db *db, struct arena *arena,
                                   const struct db_value **out_row, size_t *out_column_count)
{
    const char *data;
    size_t size;
    do {
        TRY(db_copy_read(db, arena, &data, &size));
        size_t header = size && !db->header_passed ? COPY_HEADER_BYTES : 0;
        db->header_passed = true;
        assert(!size || size >= header + sizeof(int16_t));
        data += header;
        size -= header;
    } while (size && read_int(data, sizeof(int16_t)) == COPY_END);
    *out_column_count = size ? split_copied(db, data, data + size) : 0;
    *out_row = size ? db->values : NULL;
    return NULL;
}

static const struct db_value *row_values(struct db *db, const PGresult *row)
{
    size_t count = (size_t)PQnfields(row);
    make_room(db, count);
    for (int i = 0; i < (int)count; i++) {
        db->values[i].data = PQgetvalue(row, 0, i);
        db->values[i].size = PQgetisnull(row, 0, i) ? -1 : PQgetlength(row, 0, i);
    }
    return db->values;
}

struct problem *db_stream_next(struct db *db, struct arena *arena, const struct db_value **out_row,
                               size_t *out_column_count)
{
    if (db->copies_rows)
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
