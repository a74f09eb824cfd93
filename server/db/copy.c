#include "connection.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* libpq's buffer grows to the largest piece it is given, and stays so. */
enum { MOST_WRITE_BYTES = 128 * 1024 };

static struct problem *copy_begin(struct db *db, struct arena *arena, const char *sql,
                                  ExecStatusType wanted, enum connection_stream stream)
{
    TRY(connection_ready(db, arena));
    /* in the extended protocol, which takes one statement and no more */
    CLEANUP(PQclear_at)
    PGresult *result =
        connection_result(db, PQsendQueryParams(db->connection, sql, 0, NULL, NULL, NULL, NULL, 1));
    if (PQresultStatus(result) != wanted) {
        /* anything else that succeeds is no COPY in this direction: a bug of who wrote it */
        assert(PQresultStatus(result) == PGRES_FATAL_ERROR);
        return connection_failed(db, arena, result);
    }
    assert(PQbinaryTuples(result));
    db->stream = stream;
    return NULL;
}

/* The result behind the data: how it went. */
static struct problem *copy_result(struct db *db, struct arena *arena, int64_t *out_rows)
{
    CLEANUP(PQclear_at) PGresult *result = PQgetResult(db->connection);
    ExecStatusType status = PQresultStatus(result);
    connection_drain(db);
    db->stream = CONNECTION_NO_STREAM;
    if (status != PGRES_COMMAND_OK)
        return connection_failed(db, arena, result);
    connection_settle(db);
    if (out_rows)
        *out_rows = strtoll(PQcmdTuples(result), NULL, 10); /* digits of Postgres's own */
    return NULL;
}

struct problem *db_copy_in(struct db *db, struct arena *arena, const char *sql)
{
    return copy_begin(db, arena, sql, PGRES_COPY_IN, CONNECTION_COPY_IN);
}

struct problem *db_copy_write(struct db *db, struct arena *arena, const char *data, size_t size)
{
    assert(db->stream == CONNECTION_COPY_IN);
    while (size) {
        size_t piece = size < MOST_WRITE_BYTES ? size : MOST_WRITE_BYTES;
        if (PQputCopyData(db->connection, data, (int)piece) != 1)
            return copy_result(db, arena, NULL);
        data += piece;
        size -= piece;
    }
    return NULL;
}

struct problem *db_copy_end(struct db *db, struct arena *arena, int64_t *out_rows)
{
    assert(db->stream == CONNECTION_COPY_IN);
    (void)PQputCopyEnd(db->connection, NULL); /* its failure is that of the result */
    return copy_result(db, arena, out_rows);
}

void db_copy_abandon(struct db *db)
{
    if (db->stream != CONNECTION_COPY_IN)
        return;
    (void)PQputCopyEnd(db->connection, "given up"); /* as above */
    connection_drain(db);
    db->stream = CONNECTION_NO_STREAM;
    if (PQstatus(db->connection) == CONNECTION_OK)
        connection_settle(db);
    else
        connection_close(db);
}

struct problem *db_copy_out(struct db *db, struct arena *arena, const char *sql)
{
    return copy_begin(db, arena, sql, PGRES_COPY_OUT, CONNECTION_COPY_OUT);
}

struct problem *db_copy_read(struct db *db, struct arena *arena, const char **out_data,
                             size_t *out_size)
{
    assert(db->stream == CONNECTION_COPY_OUT);
    PQfreemem(TAKE(db->copied));
    int size = PQgetCopyData(db->connection, &db->copied, 0);
    if (size <= 0) {
        TRY(copy_result(db, arena, NULL));
        size = 0;
    }
    *out_data = db->copied;
    *out_size = (size_t)size;
    return NULL;
}
