/*
 * The throw-away cluster behind the harness: initdb, a postgres that dies with us, rm -r.
 *
 * cluster_start forks a watcher in a session of its own. It starts postgres, waits for the word
 * that it must end (or for our death), then ends postgres and removes the directory.
 */
#ifndef ENTREPOT_TESTS_DB_CLUSTER_H
#define ENTREPOT_TESTS_DB_CLUSTER_H

#include <limits.h>
#include <sys/types.h>

struct test_cluster {
    char directory[64];
    char user[64]; /* superuser of the cluster, and who runs it */
    pid_t watcher;
};

/** Exits with a message when it cannot. */
void test_cluster_start(struct test_cluster *cluster);
void test_cluster_stop(struct test_cluster *cluster);

#endif
