/*
 * How a connection of ours is opened: what the operator gave, and the settings we pin on top.
 *
 * All connections speak UTF-8, look up nothing by search path (so every name in SQL says its
 * schema) and write values in one form, whatever the role, the database or the environment say.
 * Plain data in the arena it was made in; const once made, any thread may read.
 */
#ifndef ENTREPOT_DB_CONNINFO_H
#define ENTREPOT_DB_CONNINFO_H

#include "server/base/arena.h"

#include <libpq-fe.h>

struct conninfo {
    const char *const *keywords; /* for PQconnectdbParams, ended by NULL */
    const char *const *values;
    const char *fault; /* why the text was not understood; NULL when it was */
};

/**
 * Takes   text: a URL or keywords of libpq; application_name: shown in pg_stat_activity unless the
 *         text has one; settings: more of the server's own, as "-c name=value …", or NULL.
 */
const struct conninfo *conninfo_new(struct arena *arena, const char *text,
                                    const char *application_name, const char *settings);

/** Open and wait. NULL, or a connection that may be bad, as PQconnectdbParams gives it. */
PGconn *conninfo_connect(const struct conninfo *conninfo);

/** Begin to open without waiting; go on with PQconnectPoll. */
PGconn *conninfo_connect_start(const struct conninfo *conninfo);

/** What libpq says about a failed connection, on one line, in arena. connection may be NULL. */
const char *conninfo_failure(struct arena *arena, const struct conninfo *conninfo,
                             const PGconn *connection);

/** The value of a keyword as the text has it, in arena; NULL when it has none or is not understood.
 */
const char *conninfo_value(struct arena *arena, const char *text, const char *keyword);

/** The same server for somebody else: keywords of text with another user, password and database.
 *  NULL for the password leaves libpq to find one. NULL when text is not understood. */
const char *conninfo_replace(struct arena *arena, const char *text, const char *user,
                             const char *password, const char *database);

/** A value in the quotes of libpq's keywords. */
const char *conninfo_quote(struct arena *arena, const char *value);

#endif
