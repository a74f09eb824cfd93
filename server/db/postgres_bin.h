/*
 * Where the programs of a Postgres server are: initdb and postgres, of a version that will do.
 *
 * Looks where --postgres-bin says and nowhere else; without it at `pg_config --bindir`, then in
 * /usr/lib/postgresql and /usr/pgsql-*, where the newest wins, then along PATH. Start-up only.
 */
#ifndef ENTREPOT_DB_POSTGRES_BIN_H
#define ENTREPOT_DB_POSTGRES_BIN_H

#include "server/base/problem.h"

struct postgres_bin {
    const char *folder;
    int64_t version; /* major: 15 */
    bool has_lz4;
};

/**
 * Find them.
 *
 * Takes   folder: of --postgres-bin, or NULL; oldest: lowest major version that will do;
 *         data_version: major version that made the cluster's folder, 0 when there is none yet.
 * Fails   PROBLEM_START: none is there, or none of a version that will do.
 */
struct problem *postgres_bin_find(struct arena *arena, const char *folder, int64_t oldest,
                                  int64_t data_version, struct postgres_bin *out_bin) MUST_USE;

/** The path of one of its programs. */
const char *postgres_bin_path(struct arena *arena, const struct postgres_bin *bin,
                              const char *program);

#endif
