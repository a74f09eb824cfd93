/*
 * What is inside a struct db: the connection, what is prepared on it, the stream that runs on it.
 *
 * Private to the files that implement db.h and stream.h. Threads: as db.h; only the handle for
 * cancelling is shared, under its mutex.
 */
#ifndef ENTREPOT_DB_CONNECTION_H
#define ENTREPOT_DB_CONNECTION_H

#include "conninfo.h"
#include "stream.h"

#include <pthread.h>

CLEANUP_DEFINE(PGresult *, PQclear)

enum connection_stream {
    CONNECTION_NO_STREAM,
    CONNECTION_ROWS,
    CONNECTION_COPY_IN,
    CONNECTION_COPY_OUT
};

struct db {
    struct arena *arena; /* for as long as the db lives */
    const struct conninfo *conninfo;
    PGconn *connection;  /* NULL when not connected */
    bool ended;          /* Postgres said so, while nothing was asked */
    bool in_transaction; /* stays set when the connection is lost inside one, until db_rollback */

    const struct db_statement **prepared; /* on this connection */
    size_t prepared_count;
    size_t prepared_capacity;

    enum connection_stream stream;
    PGresult *row; /* of the stream, the last one given out */
    struct db_value *values;
    size_t value_count;
    char *copied;    /* of COPY out, the last message given out */
    bool copied_any; /* of its rows, the first message came */

    pthread_mutex_t cancel_mutex;
    PGcancel *cancel; /* NULL while there is no connection */
    int socket;       /* of the connection, while there is one */

    char sqlstate[6];
    char message[512];
    int error_position;
};

/**
 * Make the connection ready for a command: open it when there is none, or when it was lost while
 * nobody used it.
 *
 * Fails   PROBLEM_STORE: cannot connect, or it was lost inside a transaction.
 */
struct problem *connection_ready(struct db *db, struct arena *arena) MUST_USE;

/**
 * Read the answer to what was just sent, to its end.
 *
 * Takes   sent: what PQsend… said.
 * Gives   the first failure, or the last result; NULL when nothing could be sent or came back. The
 *         data of a COPY is left to be moved.
 */
PGresult *connection_result(struct db *db, int sent);

/** After every command: remember whether a transaction is open. */
void connection_settle(struct db *db);

/** Remember a failed command and turn it into a problem; closes a connection that is lost. */
struct problem *connection_failed(struct db *db, struct arena *arena,
                                  const PGresult *result) MUST_USE;

void connection_close(struct db *db);

/** Read results until there are none, so that the next command can be sent. */
void connection_drain(struct db *db);

#endif
