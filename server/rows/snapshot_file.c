#include "snapshot_file.h"

#include "server/base/text.h"
#include "server/db/stream.h"
#include "server/formats/export.h"
#include "server/model/relation.h"
#include "snapshot_folder.h"
#include "table_order.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file on its way; on the stack of the thread that makes it. */
struct making {
    struct making *next;
    const char *name;
};

struct snapshot_files {
    int folder;
    pthread_mutex_t mutex;
    pthread_cond_t done;
    struct making *making; /* guarded by mutex */
};

struct problem *snapshot_files_open(struct arena *arena, const char *data_dir,
                                    struct snapshot_files **out_files)
{
    const char *path = arena_print(arena, "%s/files", data_dir);
    int folder = mkdir(path, 0700) == 0 || errno == EEXIST
                     ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                     : -1;
    if (folder < 0)
        return problem_because(arena,
                               problem_new(arena, &PROBLEM_START, "cannot use the folder %s", path),
                               "%s", strerrordesc_np(errno));
    struct snapshot_files *files = calloc(1, sizeof *files);
    if (!files)
        abort();
    files->folder = folder;
    (void)pthread_mutex_init(&files->mutex, NULL); /* neither can fail with default attributes */
    (void)pthread_cond_init(&files->done, NULL);
    *out_files = files;
    return NULL;
}

void snapshot_files_close(struct snapshot_files *files)
{
    if (!files)
        return;
    (void)close(files->folder);
    (void)pthread_cond_destroy(&files->done); /* nobody waits any more */
    (void)pthread_mutex_destroy(&files->mutex);
    free(files);
}

bool snapshot_file_find(const struct snapshot_files *files, struct arena *arena,
                        const struct catalogue_snapshot *snapshot, struct snapshot_file *out_file)
{
    char target[SNAPSHOT_FOLDER_NAME];
    struct snapshot_file file;
    struct stat status;
    if (!snapshot_folder_target(files->folder, snapshot_folder_name(arena, snapshot), target)
        || !snapshot_folder_digest(target, file.sha256))
        return false;
    file.fd = openat(files->folder, target, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file.fd < 0)
        return false;
    if (fstat(file.fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        (void)close(file.fd); /* it is no file of ours */
        return false;
    }
    file.bytes = status.st_size;
    *out_file = file;
    return true;
}

static bool is_making(const struct snapshot_files *files, const char *name)
{
    for (const struct making *making = files->making; making; making = making->next)
        if (strcmp(making->name, name) == 0)
            return true;
    return false;
}

bool snapshot_file_is_being_made(struct snapshot_files *files, struct arena *arena,
                                 const struct catalogue_snapshot *snapshot)
{
    const char *name = snapshot_folder_name(arena, snapshot);
    (void)pthread_mutex_lock(&files->mutex); /* the locks of this file are never taken twice */
    bool found = is_making(files, name);
    (void)pthread_mutex_unlock(&files->mutex);
    return found;
}

static void begin_making(struct snapshot_files *files, struct making *making)
{
    (void)pthread_mutex_lock(&files->mutex);
    while (is_making(files, making->name))
        (void)pthread_cond_wait(&files->done, &files->mutex);
    making->next = files->making;
    files->making = making;
    (void)pthread_mutex_unlock(&files->mutex);
}

static void end_making(struct snapshot_files *files, const struct making *making)
{
    (void)pthread_mutex_lock(&files->mutex);
    struct making **link = &files->making;
    while (*link != making)
        link = &(*link)->next;
    *link = making->next;
    (void)pthread_cond_broadcast(&files->done);
    (void)pthread_mutex_unlock(&files->mutex);
}

static struct problem *retired(struct arena *arena, const struct catalogue_snapshot *snapshot)
{
    return problem_new(arena, &PROBLEM_SNAPSHOT_RETIRED, "snapshot %lld is retired",
                       (long long)snapshot->number);
}

static struct problem *begin_rows(struct db *db, struct arena *arena,
                                  const struct catalogue_snapshot *snapshot)
{
    const struct db_query query = {
        .text = arena_print(arena, "SELECT %s FROM %s",
                            relation_column_list(arena, &snapshot->contract->columns),
                            catalogue_snapshot_from(arena, snapshot)),
    };
    TRY(table_order_begin(db, arena)); /* else every server would make other bytes */
    return db_stream_begin(db, arena, &query);
}

static struct problem *write_rows(struct db *db, struct arena *arena,
                                  const struct catalogue_snapshot *snapshot, int fd,
                                  struct export_file *out_written)
{
    const struct export export = {
        .format = FORMAT_PARQUET,
        .columns = &snapshot->contract->columns,
        .next = export_next_of_stream,
        .source = db,
    };
    struct problem *problem = begin_rows(db, arena, snapshot);
    if (!problem)
        problem = export_to_file(arena, &export, fd, out_written);
    db_stream_stop(db);
    bool dropped =
        problem && problem->kind == &PROBLEM_STORE && strcmp(db_sqlstate(db), "42P01") == 0;
    if (db_in_transaction(db))
        db_rollback(db); /* it only read */
    return dropped ? retired(arena, snapshot) : problem;
}

static struct problem *make(const struct snapshot_files *files, struct db *db, struct arena *arena,
                            const struct catalogue_snapshot *snapshot, const char *name)
{
    char temporary[SNAPSHOT_FOLDER_NAME];
    struct export_file written;
    CLEANUP(close_at) int fd = snapshot_folder_new(files->folder, temporary);
    if (fd < 0)
        return snapshot_folder_problem(arena);
    struct problem *problem = write_rows(db, arena, snapshot, fd, &written);
    if (!problem && !snapshot_folder_keep(files->folder, fd, temporary, written.sha256, name))
        problem = snapshot_folder_problem(arena);
    if (problem)
        (void)unlinkat(files->folder, temporary, 0); /* else it is collected when it is old */
    return problem;
}

struct problem *snapshot_file_make(struct snapshot_files *files, struct db *db, struct arena *arena,
                                   const struct catalogue_snapshot *snapshot,
                                   struct snapshot_file *out_file)
{
    struct making making = { .name = snapshot_folder_name(arena, snapshot) };
    struct problem *problem = NULL;
    begin_making(files, &making);
    bool found = snapshot_file_find(files, arena, snapshot, out_file);
    if (!found) {
        problem = make(files, db, arena, snapshot, making.name);
        found = !problem && snapshot_file_find(files, arena, snapshot, out_file);
    }
    end_making(files, &making);
    return problem || found ? problem : snapshot_folder_problem(arena);
}

struct problem *snapshot_files_collect(struct snapshot_files *files, struct arena *arena,
                                       const struct catalogue *catalogue, int64_t *out_removed)
{
    return snapshot_folder_collect(files->folder, arena, catalogue, out_removed);
}
