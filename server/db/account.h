/*
 * The operating-system user that Postgres runs as: ourselves, or, because Postgres refuses to run
 * as root, an unprivileged user when the server was started as root.
 *
 * Plain data in the caller's arena. account_find reads the user database, so call it at start-up;
 * account_become is for a child between fork and exec and calls nothing but the system.
 */
#ifndef ENTREPOT_DB_ACCOUNT_H
#define ENTREPOT_DB_ACCOUNT_H

#include "server/base/problem.h"

#include <sys/types.h>

struct account {
    const char *name;
    uid_t uid;
    gid_t gid;
    bool is_self; /* nothing to change: we are this user */
};

/**
 * The user Postgres is to run as.
 *
 * Takes   data_path: the cluster's folder; when it exists its owner is the user.
 * Gives   ourselves when not root; else the user of ENTREPOT_POSTGRES_USER, else the owner of
 *         data_path, else `postgres`, else `nobody`.
 * Fails   PROBLEM_START: no such user, or the folder belongs to somebody else.
 */
struct problem *account_find(struct arena *arena, const char *data_path,
                             struct account *out_account) MUST_USE;

/**
 * May the user pass through every folder down to path?
 *
 * Fails   PROBLEM_START: the detail names the folder that is closed to the user.
 */
struct problem *account_check_path(struct arena *arena, const struct account *account,
                                   const char *path) MUST_USE;

/** Become the user for good, without supplementary groups. Gives 0 or an errno. */
int account_become(const struct account *account);

#endif
