/*
 * What a failure of Postgres means to who asked: from SQLSTATE to a problem.
 *
 * No state; any thread may call.
 */
#ifndef ENTREPOT_DB_FAILURE_H
#define ENTREPOT_DB_FAILURE_H

#include "server/base/problem.h"

#include <libpq-fe.h>

/* SQLSTATE of failures that libpq sees without a word of Postgres: not connected, connection lost.
 */
#define FAILURE_NOT_CONNECTED "08001"
#define FAILURE_CONNECTION_LOST "08006"

/** Has the connection or the server gone away (shutdown, crash, starting up, broken link)? */
bool failure_is_away(const char *sqlstate);

/** Does the failure end the connection: Postgres said so, or libpq made it up because it did? */
bool failure_is_fatal(const PGresult *result);

/** May the transaction be run again and succeed: serialization failure, deadlock? */
bool failure_is_retryable(const char *sqlstate);

/** Is a prepared statement gone? Was it made for a table that has changed since? */
bool failure_is_unprepared(const char *sqlstate);
bool failure_is_outdated(const PGresult *result);

/** The SQLSTATE of a failed result; result may be NULL. Never NULL. */
const char *failure_sqlstate(const PGresult *result);

/** Postgres's own words in one line, without the values it quotes in its DETAIL; never NULL. */
const char *failure_message(const PGresult *result);

/**
 * Gives   PROBLEM_STORE, PROBLEM_CONFLICT or PROBLEM_TIMEOUT, with the message as cause.
 */
struct problem *failure_problem(struct arena *arena, const char *sqlstate, const char *message);

#endif
