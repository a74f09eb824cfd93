#include "connection.h"
#include "failure.h"

#include <assert.h>
#include <string.h>
#include <time.h>

enum { MOST_ATTEMPTS = 5 };

struct problem *db_begin(struct db *db, struct arena *arena, bool read_only)
{
    assert(!db->in_transaction);
    return db_run(db, arena, read_only ? "BEGIN READ ONLY" : "BEGIN");
}

struct problem *db_commit(struct db *db, struct arena *arena)
{
    assert(db->in_transaction);
    TRY(connection_ready(db, arena));
    CLEANUP(PQclear_at)
    PGresult *result = connection_result(db, PQsendQuery(db->connection, "COMMIT"));
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return connection_failed(db, arena, result);
    connection_settle(db);
    /* Postgres answers COMMIT of a failed transaction with ROLLBACK, and calls that a success */
    if (strcmp(PQcmdStatus(result), "COMMIT") == 0)
        return NULL;
    return problem_because(arena, problem_new(arena, &PROBLEM_STORE, "the changes were not kept"),
                           "the transaction was rolled back because a statement in it failed");
}

void db_rollback(struct db *db)
{
    db_stream_stop(db);
    if (db->connection && db->in_transaction) {
        CLEANUP(PQclear_at)
        PGresult *result = connection_result(db, PQsendQuery(db->connection, "ROLLBACK"));
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            connection_close(db);
    }
    db->in_transaction = false;
}

static struct problem *attempt(struct db *db, struct arena *arena,
                               struct problem *(*body)(struct db *db, struct arena *arena,
                                                       void *context),
                               void *context)
{
    TRY(db_begin(db, arena, false));
    TRY(body(db, arena, context));
    return db_commit(db, arena);
}

/* The others that were in the way shall get further before we come again. */
static void wait_a_little(int attempts)
{
    struct timespec span = { .tv_nsec = attempts * 5000000L };
    (void)nanosleep(&span, NULL); /* a shorter wait does no harm */
}

struct problem *db_transact(struct db *db, struct arena *arena,
                            struct problem *(*body)(struct db *db, struct arena *arena,
                                                    void *context),
                            void *context)
{
    for (int attempts = 1;; attempts++) {
        db->sqlstate[0] = '\0';
        struct problem *problem = attempt(db, arena, body, context);
        if (!problem)
            return NULL;
        db_rollback(db);
        if (!failure_is_retryable(db->sqlstate) || attempts == MOST_ATTEMPTS)
            return problem;
        wait_a_little(attempts);
    }
}
