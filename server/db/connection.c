#include "connection.h"

#include "failure.h"
#include "server/base/text.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct db *db_open(const char *conninfo, const char *application_name)
{
    return db_open_with(conninfo, application_name, NULL);
}

struct db *db_open_with(const char *conninfo, const char *application_name, const char *settings)
{
    struct arena *arena = arena_new(4096);
    struct db *db = arena_new_of(arena, struct db);
    db->arena = arena;
    db->conninfo = conninfo_new(arena, conninfo, application_name, settings);
    int failed = pthread_mutex_init(&db->cancel_mutex, NULL);
    assert(!failed);
    return db;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    connection_close(db);
    free(db->prepared);
    (void)pthread_mutex_destroy(&db->cancel_mutex); /* nobody may hold it any more */
    arena_free(db->arena);
}

static void set_cancel(struct db *db, PGcancel *cancel)
{
    (void)pthread_mutex_lock(&db->cancel_mutex); /* fails only for a broken mutex */
    PQfreeCancel(db->cancel);
    db->cancel = cancel;
    (void)pthread_mutex_unlock(&db->cancel_mutex);
}

void connection_close(struct db *db)
{
    set_cancel(db, NULL);
    PQclear(TAKE(db->row));
    PQfreemem(TAKE(db->copied));
    db->stream = CONNECTION_NO_STREAM;
    PQfinish(TAKE(db->connection));
    db->prepared_count = 0;
}

/* Fails with SQLSTATE and words of our own when result is NULL. */
static void remember(struct db *db, const PGresult *result, const char *sqlstate,
                     const char *message)
{
    int64_t position = 0;
    const char *named = result ? PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION) : NULL;
    if (!named || !text_to_int64(named, &position))
        position = 0;
    (void)snprintf(db->sqlstate, sizeof db->sqlstate, "%s", sqlstate);
    (void)snprintf(db->message, sizeof db->message, "%s", message); /* a cut message is enough */
    db->error_position = (int)position;
}

/* An error that answers no command says that the connection ends; libpq takes it for a notice. A
 * Postgres that is stopped at once, or crashes, only warns before it hangs up. */
static void note_end(void *context, const PGresult *notice)
{
    struct db *db = context;
    const char *sqlstate = PQresultErrorField(notice, PG_DIAG_SQLSTATE);
    /* without SQLSTATE it is a warning of libpq's own */
    if (sqlstate && (failure_is_fatal(notice) || failure_is_away(sqlstate)))
        db->ended = true;
}

static struct problem *connect_now(struct db *db, struct arena *arena)
{
    db->connection = conninfo_connect(db->conninfo);
    if (db->connection && PQstatus(db->connection) == CONNECTION_OK) {
        db->ended = false;
        (void)PQsetNoticeReceiver(db->connection, note_end, db); /* gives the former one */
        db->socket = PQsocket(db->connection); /* shown to other threads by the next line */
        set_cancel(db, PQgetCancel(db->connection));
        return NULL;
    }
    const char *why = conninfo_failure(arena, db->conninfo, db->connection);
    PQfinish(TAKE(db->connection));
    remember(db, NULL, FAILURE_NOT_CONNECTED, why);
    return failure_problem(arena, FAILURE_NOT_CONNECTED, why);
}

/* Between commands Postgres says nothing, unless it goes away; so bytes there are worth a look. */
static bool is_lost(struct db *db)
{
    struct pollfd socket = { .fd = PQsocket(db->connection), .events = POLLIN };
    if (poll(&socket, 1, 0) != 0) {
        if (!PQconsumeInput(db->connection))
            return true;
        (void)PQisBusy(db->connection); /* looks at what was read */
    }
    return db->ended || PQstatus(db->connection) != CONNECTION_OK;
}

struct problem *connection_ready(struct db *db, struct arena *arena)
{
    assert(db->stream == CONNECTION_NO_STREAM);
    if (db->connection && is_lost(db))
        connection_close(db);
    if (db->connection)
        return NULL;
    if (!db->in_transaction)
        return connect_now(db, arena);
    const char *why = "the connection was lost inside a transaction";
    remember(db, NULL, FAILURE_CONNECTION_LOST, why);
    return failure_problem(arena, FAILURE_CONNECTION_LOST, why);
}

static bool is_failure(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

static bool is_copy(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT;
}

PGresult *connection_result(struct db *db, int sent)
{
    PGresult *kept = sent ? PQgetResult(db->connection) : NULL;
    while (kept && !is_copy(kept)) {
        PGresult *next = PQgetResult(db->connection);
        if (!next)
            break;
        if (is_failure(kept)) { /* Postgres said why it goes; this is libpq: it went */
            PQclear(next);
        } else {
            PQclear(kept);
            kept = next;
        }
    }
    return kept;
}

void connection_settle(struct db *db)
{
    PGTransactionStatusType status = PQtransactionStatus(db->connection);
    if (status != PQTRANS_UNKNOWN && status != PQTRANS_ACTIVE)
        db->in_transaction = status != PQTRANS_IDLE;
}

struct problem *connection_failed(struct db *db, struct arena *arena, const PGresult *result)
{
    const char *sqlstate = failure_sqlstate(result);
    const char *message = failure_message(result);
    remember(db, result, sqlstate, message);
    struct problem *problem = failure_problem(arena, sqlstate, message);
    if (PQstatus(db->connection) != CONNECTION_OK)
        connection_close(db);
    else
        connection_settle(db);
    return problem;
}

void connection_drain(struct db *db)
{
    PGresult *result;
    while ((result = PQgetResult(db->connection)))
        PQclear(result);
}

struct problem *db_connect(struct db *db, struct arena *arena)
{
    return connection_ready(db, arena);
}

bool db_in_transaction(const struct db *db)
{
    return db->in_transaction;
}

int db_backend_pid(const struct db *db)
{
    return db->connection ? PQbackendPID(db->connection) : 0;
}

const char *db_sqlstate(const struct db *db)
{
    return db->sqlstate;
}

const char *db_error_message(const struct db *db)
{
    return db->message;
}

int db_error_position(const struct db *db)
{
    return db->error_position;
}

void db_break(struct db *db)
{
    (void)pthread_mutex_lock(&db->cancel_mutex); /* fails only for a broken mutex */
    if (db->cancel) /* so the connection is there, and stays while the mutex is held */
        (void)shutdown(db->socket, SHUT_RDWR); /* fails when the server has closed it already */
    (void)pthread_mutex_unlock(&db->cancel_mutex);
}

void db_cancel(struct db *db)
{
    char refused[256];
    (void)pthread_mutex_lock(&db->cancel_mutex); /* fails only for a broken mutex */
    if (db->cancel)
        (void)PQcancel(db->cancel, refused, sizeof refused); /* best effort, as the caller knows */
    (void)pthread_mutex_unlock(&db->cancel_mutex);
}
