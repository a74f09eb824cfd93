#include "initdb.h"

#include "child.h"
#include "data_dir.h"
#include "postmaster.h"
#include "server/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h> /* rename */
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
    INITDB_MS = 300000,
    KILLED_MS = 5000,
    NEW_CLUSTER_BYTES = 100 * 1024 * 1024,
};

static const char *character_locale(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (!locale)
        return "C";
    freelocale(locale);
    return "C.UTF-8";
}

static struct problem *program_run(struct arena *arena, const struct initdb *initdb,
                                   const char *folder)
{
    const char *const arguments[] = {
        postgres_bin_path(arena, initdb->bin, "initdb"),
        "-D",
        folder,
        ("--username=" INITDB_SUPERUSER),
        "--encoding=UTF8",
        "--locale=C", /* text sorts by code point, whatever the version of the C library */
        arena_print(arena, "--lc-ctype=%s", character_locale()),
        "--auth=trust", /* only who may enter the socket's folder gets here */
        "--data-checksums",
        "--no-sync", /* synced as a whole, below */
        NULL,
    };
    const struct child_plan plan = { .arguments = arguments,
                                     .account = initdb->account,
                                     .output = initdb->log->fd,
                                     .death_signal = SIGKILL };
    pid_t pid;
    int status;
    TRY(child_start(arena, &plan, &pid));
    if (!child_wait(pid, INITDB_MS, &status)) {
        (void)child_end(pid, SIGKILL, KILLED_MS);
        return postgres_log_problem(arena, initdb->log, "initdb took too long");
    }
    if (status != 0)
        return postgres_log_problem(arena, initdb->log, "the cluster could not be made, initdb %s",
                                    child_status_text(arena, status));
    return NULL;
}

static struct problem *system_problem(struct arena *arena, const char *what, const char *path)
{
    int error = errno;
    return problem_new(arena, &PROBLEM_START, "%s could not be %s: %s", path, what,
                       strerror(error));
}

struct problem *initdb_run(struct arena *arena, const struct initdb *initdb)
{
    struct statvfs disk;
    if (statvfs(initdb->dir, &disk) == 0
        && (uint64_t)disk.f_bavail * disk.f_frsize < NEW_CLUSTER_BYTES)
        return problem_new(arena, &PROBLEM_START,
                           "the disk of %s is full: a new cluster needs 100 MB", initdb->dir);
    const char *folder = arena_print(arena, "%s/postgres.tmp", initdb->dir);
    (void)postmaster_signal(folder, 0, SIGKILL); /* what a killed initdb may have left running */
    int error = data_dir_remove(folder);
    if (error)
        return problem_new(arena, &PROBLEM_START, "%s could not be removed: %s", folder,
                           strerror(error));
    TRY(data_dir_folder(arena, folder, initdb->account));
    TRY(program_run(arena, initdb, folder));

    CLEANUP(close_at) int fd = open(initdb->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || syncfs(fd) != 0)
        return system_problem(arena, "synced", initdb->dir);
    if (rename(folder, initdb->data) != 0 || fsync(fd) != 0)
        return system_problem(arena, "put in its place", folder);
    log_message(LOG_INFO, "cluster_created", "%s, by Postgres %lld", initdb->data,
                (long long)initdb->bin->version);
    return NULL;
}
