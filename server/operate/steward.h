/*
 * The steward: one thread that keeps a server process in step with the database.
 *
 * It listens for changes made by any server process (a new catalogue revision, a run that moved on)
 * and tells this one; it closes runs and deliveries whose server died; it drops the tables of
 * snapshots that were retired long enough ago, never waiting behind a reader, and their files.
 * Started and stopped by main.
 */
#ifndef ENTREPOT_OPERATE_STEWARD_H
#define ENTREPOT_OPERATE_STEWARD_H

#include "server/base/config.h"
#include "server/model/catalogue.h"

struct snapshot_files;
struct steward;

struct steward_options {
    const char *owner_conninfo;
    const char *instance;
    bool alone; /* no other server process can use this database: a private cluster */
    const struct config *config;
    struct catalogue_cell *catalogue;
    struct snapshot_files *files;
    /* called on the steward's thread after anything changed */
    void (*changed)(void *context);
    void *context;
};

/**
 * Close what dead servers left, then start the thread.
 * Fails   PROBLEM_STORE.
 */
struct problem *steward_start(struct db *db, struct arena *arena,
                              const struct steward_options *options,
                              struct steward **out_steward) MUST_USE;
void steward_stop(struct steward *steward);

#endif
