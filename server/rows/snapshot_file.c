#include "snapshot_file.h"

#include "coded_file.h"
#include "server/base/text.h"
#include "server/db/stream.h"
#include "server/formats/export.h"
#include "server/model/relation.h"
#include "snapshot_folder.h"
#include "snapshot_space.h"
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
    int64_t most_bytes;
    pthread_mutex_t mutex;
    pthread_cond_t done;
    struct making *making; /* guarded by mutex */
};

struct problem *snapshot_files_open(struct arena *arena, const char *data_dir, int64_t most_bytes,
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
    files->most_bytes = most_bytes;
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

/* The name of the bytes of a file, and their digest. */
static bool find_bytes(const struct snapshot_files *files, struct arena *arena,
                       const struct catalogue_snapshot *snapshot, struct snapshot_form form,
                       char out_target[SNAPSHOT_FOLDER_NAME], struct snapshot_file *file)
{
    return snapshot_folder_target(files->folder, snapshot_folder_name(arena, snapshot, form),
                                  out_target)
           && snapshot_folder_digest(out_target, file->sha256);
}

bool snapshot_file_find(const struct snapshot_files *files, struct arena *arena,
                        const struct catalogue_snapshot *snapshot, struct snapshot_form form,
                        struct snapshot_file *out_file)
{
    char target[SNAPSHOT_FOLDER_NAME];
    struct snapshot_file file;
    struct stat status;
    if (!find_bytes(files, arena, snapshot, form, target, &file))
        return false;
    file.fd = openat(files->folder, target, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file.fd < 0)
        return false;
    if (fstat(file.fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        (void)close(file.fd); /* it is no file of ours */
        return false;
    }
    snapshot_space_use(file.fd, &status);
    file.bytes = status.st_size;
    *out_file = file;
    return true;
}

bool snapshot_file_look(const struct snapshot_files *files, struct arena *arena,
                        const struct catalogue_snapshot *snapshot, struct snapshot_form form,
                        struct snapshot_file *out_file)
{
    char target[SNAPSHOT_FOLDER_NAME];
    struct snapshot_file file = { .fd = -1 };
    struct stat status;
    if (!find_bytes(files, arena, snapshot, form, target, &file)
        || fstatat(files->folder, target, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
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
                                 const struct catalogue_snapshot *snapshot,
                                 struct snapshot_form form)
{
    const char *name = snapshot_folder_name(arena, snapshot, form);
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
    const struct columns *columns = &snapshot->contract->columns;
    const struct db_query query = {
        .text = arena_join(arena, "SELECT ", relation_column_list(arena, columns), " FROM ",
                           catalogue_snapshot_from(arena, snapshot)),
        .table = catalogue_snapshot_table(arena, snapshot, columns),
    };
    TRY(table_order_begin(db, arena)); /* else every server would make other bytes */
    return db_stream_begin_select(db, arena, &query);
}

static struct problem *write_rows(struct db *db, struct arena *arena,
                                  const struct catalogue_snapshot *snapshot, enum format format,
                                  struct snapshot_file *file)
{
    const struct export export = {
        .format = format,
        .columns = &snapshot->contract->columns,
        .next = export_next_of_stream,
        .source = db,
    };
    struct export_file written = { 0 };
    struct problem *problem = begin_rows(db, arena, snapshot);
    if (!problem)
        problem = export_to_file(arena, &export, file->fd, &written);
    db_stream_stop(db);
    bool dropped =
        problem && problem->kind == &PROBLEM_STORE && strcmp(db_sqlstate(db), "42P01") == 0;
    if (db_in_transaction(db))
        db_rollback(db); /* it only read */
    file->bytes = written.bytes;
    memcpy(file->sha256, written.sha256, DIGEST_BYTES);
    return dropped ? retired(arena, snapshot) : problem;
}

/* What is coded is the file that is not, so that both hold the same bytes. */
static struct problem *write_coded(struct snapshot_files *files, struct db *db, struct arena *arena,
                                   const struct catalogue_snapshot *snapshot,
                                   struct snapshot_form form, struct snapshot_file *file)
{
    struct snapshot_file plain = { .fd = -1 };
    const struct snapshot_form plain_form = { form.format, CODING_NONE };
    TRY(snapshot_file_make(files, db, arena, snapshot, plain_form, &plain));
    CLEANUP(close_at) int from = plain.fd;
    return coded_file_write(arena, form.coding, from, file->fd, &file->bytes, file->sha256);
}

static struct problem *keep(struct snapshot_files *files, struct arena *arena,
                            const struct snapshot_file *file, const char *temporary,
                            const char *name)
{
    struct stat status;
    int64_t removed;
    if (fstat(file->fd, &status) != 0)
        return snapshot_folder_problem(arena);
    snapshot_space_use(file->fd, &status); /* it was begun a while ago */
    if (!snapshot_folder_keep(files->folder, file->fd, temporary, file->sha256, name))
        return snapshot_folder_problem(arena);
    return snapshot_space_trim(files->folder, arena, files->most_bytes, &removed);
}

static struct problem *make(struct snapshot_files *files, struct db *db, struct arena *arena,
                            const struct catalogue_snapshot *snapshot, struct snapshot_form form,
                            const char *name, struct snapshot_file *out_file)
{
    char temporary[SNAPSHOT_FOLDER_NAME];
    struct snapshot_file file = { .fd = snapshot_folder_new(files->folder, temporary) };
    if (file.fd < 0)
        return snapshot_folder_problem(arena);
    struct problem *problem = form.coding == CODING_NONE
                                  ? write_rows(db, arena, snapshot, form.format, &file)
                                  : write_coded(files, db, arena, snapshot, form, &file);
    if (!problem)
        problem = keep(files, arena, &file, temporary, name);
    if (problem) {
        (void)unlinkat(files->folder, temporary, 0); /* else it is collected when it is old */
        (void)close(file.fd);                        /* what it holds is given up */
        return problem;
    }
    *out_file = file;
    return NULL;
}

struct problem *snapshot_file_make(struct snapshot_files *files, struct db *db, struct arena *arena,
                                   const struct catalogue_snapshot *snapshot,
                                   struct snapshot_form form, struct snapshot_file *out_file)
{
    struct making making = { .name = snapshot_folder_name(arena, snapshot, form) };
    struct problem *problem = NULL;
    begin_making(files, &making);
    if (!snapshot_file_find(files, arena, snapshot, form, out_file))
        problem = make(files, db, arena, snapshot, form, making.name, out_file);
    end_making(files, &making);
    return problem;
}

struct problem *snapshot_files_collect(struct snapshot_files *files, struct arena *arena,
                                       const struct catalogue *catalogue, int64_t *out_removed)
{
    int64_t gone;
    int64_t in_the_way;
    TRY(snapshot_folder_collect(files->folder, arena, catalogue, &gone));
    TRY(snapshot_space_trim(files->folder, arena, files->most_bytes, &in_the_way));
    *out_removed = gone + in_the_way;
    return NULL;
}
