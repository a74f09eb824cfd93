/*
 * Making a new cluster: initdb beside the final place, synced, then renamed, so that a kill in the
 * middle leaves nothing that looks whole. Start-up only, main's thread.
 */
#ifndef ENTREPOT_DB_INITDB_H
#define ENTREPOT_DB_INITDB_H

#include "account.h"
#include "postgres_bin.h"
#include "postgres_log.h"

/* The cluster's administrator. */
#define INITDB_SUPERUSER "postgres"

struct initdb {
    const char *dir;  /* the data directory, absolute */
    const char *data; /* the cluster in it, which is not there yet */
    const struct account *account;
    const struct postgres_bin *bin;
    const struct postgres_log *log;
};

/**
 * Make the cluster.
 *
 * Fails   PROBLEM_START: the disk is full or cannot be written, or initdb fails.
 */
struct problem *initdb_run(struct arena *arena, const struct initdb *initdb) MUST_USE;

#endif
