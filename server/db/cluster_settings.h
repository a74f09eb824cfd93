/*
 * The settings of the private Postgres, as arguments of its program: nothing on the network, and
 * memory and WAL as large as the machine (or container) and the disk allow. Start-up only.
 */
#ifndef ENTREPOT_DB_CLUSTER_SETTINGS_H
#define ENTREPOT_DB_CLUSTER_SETTINGS_H

#include "postgres_bin.h"

/* What the settings depend on. */
struct cluster_machine {
    int64_t memory_bytes;
    int64_t disk_free_bytes;
    int64_t shared_bytes; /* room in /dev/shm */
    int64_t cores;
    bool syncfs_tells; /* the kernel reports write errors to syncfs: Linux 5.8 or newer */
};

/** Measure the machine; the disk is the one of path. */
void cluster_machine_read(struct cluster_machine *out_machine, const char *path);

/** Most memory of its own for each process of it: what a query can take before it is refused more.
 */
int64_t cluster_memory(const struct cluster_machine *machine);

/** The arguments, `postgres` first, ended by NULL. */
const char *const *cluster_settings(struct arena *arena, const struct cluster_machine *machine,
                                    const struct postgres_bin *bin, const char *data_path,
                                    const char *socket_dir);

#endif
