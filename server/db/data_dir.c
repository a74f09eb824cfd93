#include "data_dir.h"

#include "server/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

CLEANUP_DEFINE(DIR *, closedir)

struct problem *data_dir_problem(struct arena *arena, const char *path, int error)
{
    if (error == ENOSPC || error == EDQUOT)
        return problem_new(arena, &PROBLEM_START, "the disk of %s is full: make room on it", path);
    return problem_new(arena, &PROBLEM_START,
                       "the data directory cannot be used: %s: %s; choose another with --data-dir",
                       path, strerror(error));
}

/* mkdir -p; every folder but the last is made for all to pass. */
static int folders_make(struct arena *arena, const char *path)
{
    char *part = arena_text(arena, path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return errno;
        *slash = '/';
    }
    return mkdir(path, 0700) != 0 && errno != EEXIST ? errno : 0;
}

struct problem *data_dir_open(struct arena *arena, const char *path, const char **out_path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    path = arena_copy(arena, path, length);
    if (!*path)
        return problem_new(arena, &PROBLEM_START, "the name of the data directory is empty");
    if (strchr(path, '\n')) /* Postgres writes the name as a line of its pid file */
        return problem_new(arena, &PROBLEM_START,
                           "the data directory has a line break in its name");
    int error = folders_make(arena, path);
    if (error)
        return data_dir_problem(arena, path, error);
    char *real = realpath(path, NULL);
    if (!real)
        return data_dir_problem(arena, path, errno);
    *out_path = arena_text(arena, real);
    free(real);

    struct stat found;
    if (stat(*out_path, &found) != 0)
        return data_dir_problem(arena, *out_path, errno);
    if (!S_ISDIR(found.st_mode))
        return data_dir_problem(arena, *out_path, ENOTDIR);
    /* As root, Postgres's user must pass through. The keys in it have modes of their own. */
    if (geteuid() == 0 && found.st_uid == 0 && !(found.st_mode & S_IXOTH)
        && chmod(*out_path, (found.st_mode & 07777) | S_IXOTH) != 0)
        return data_dir_problem(arena, *out_path, errno);
    if (access(*out_path, R_OK | W_OK | X_OK) != 0)
        return data_dir_problem(arena, *out_path, errno);
    return NULL;
}

static struct problem *held_problem(struct arena *arena, const char *path, int lock_fd)
{
    char text[32] = { 0 };
    int64_t pid;
    ssize_t size = pread(lock_fd, text, sizeof text - 1, 0);
    text[size > 0 ? strcspn(text, "\n") : 0] = '\0';
    if (!text_to_int64(text, &pid)) /* it has the lock and did not write its number yet */
        return problem_new(arena, &PROBLEM_START,
                           "%s is in use by another server: stop that one first, or choose another "
                           "--data-dir",
                           path);
    return problem_new(arena, &PROBLEM_START,
                       "%s is in use by another server, process %lld: stop that one first (kill "
                       "%lld), or choose another --data-dir",
                       path, (long long)pid, (long long)pid);
}

static struct problem *lock_take(struct arena *arena, const char *path, const char *file, int fd)
{
    char text[32];
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? held_problem(arena, path, fd)
                                    : data_dir_problem(arena, file, errno);
    (void)snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, strlen(text), 0) != (ssize_t)strlen(text))
        return data_dir_problem(arena, file, errno);
    return NULL;
}

struct problem *data_dir_lock(struct arena *arena, const char *path, int *out_fd)
{
    const char *file = arena_print(arena, "%s/lock", path);
    int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return data_dir_problem(arena, file, errno);
    struct problem *problem = lock_take(arena, path, file, fd);
    if (problem)
        close_at(&fd);
    else
        *out_fd = fd;
    return problem;
}

struct problem *data_dir_folder(struct arena *arena, const char *path,
                                const struct account *account)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return data_dir_problem(arena, path, errno);
    CLEANUP(close_at) int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat found;
    if (fd < 0 || fstat(fd, &found) != 0)
        return data_dir_problem(arena, path, errno);
    if (found.st_uid != account->uid && fchown(fd, account->uid, account->gid) != 0)
        return data_dir_problem(arena, path, errno);
    if ((found.st_mode & 07777) != 0700 && fchmod(fd, 0700) != 0)
        return data_dir_problem(arena, path, errno);
    return NULL;
}

/* What a folder holds goes by descriptor, never by path: its owner may swap a folder for a link
 * while we, perhaps as root, go through it. */
static int folder_empty(int parent, const char *name)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno;
    CLEANUP(closedir_at) DIR *folder = fdopendir(fd);
    if (!folder) {
        int error = errno;
        (void)close(fd);
        return error;
    }
    for (const struct dirent *entry; (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(fd, entry->d_name, 0) == 0)
            continue;
        if (errno != EISDIR && errno != EPERM)
            return errno;
        int error = folder_empty(fd, entry->d_name);
        if (error)
            return error;
        if (unlinkat(fd, entry->d_name, AT_REMOVEDIR) != 0)
            return errno;
    }
    return 0;
}

int data_dir_remove(const char *path)
{
    int error = folder_empty(AT_FDCWD, path);
    if (!error && rmdir(path) != 0)
        error = errno;
    return error == ENOENT ? 0 : error;
}

struct problem *data_dir_version(struct arena *arena, const char *data_path, int64_t *out_version)
{
    *out_version = 0;
    if (rmdir(data_path) == 0 || errno == ENOENT)
        return NULL; /* an empty folder is as good as none */
    if (errno == ENOTDIR)
        return problem_new(arena, &PROBLEM_START, "%s is not a folder: move it away", data_path);
    const char *text = data_dir_read(arena, arena_print(arena, "%s/PG_VERSION", data_path), 64, 0);
    if (text && text_to_int64(arena_copy(arena, text, strcspn(text, "\n")), out_version)
        && *out_version > 0)
        return NULL;
    return problem_new(arena, &PROBLEM_START,
                       "%s is not the data of a Postgres cluster (its PG_VERSION is missing or "
                       "cannot be read): move it away, or choose another --data-dir",
                       data_path);
}

const char *data_dir_read(struct arena *arena, const char *path, size_t limit, int64_t offset)
{
    CLEANUP(close_at) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat found;
    if (fd < 0 || fstat(fd, &found) != 0 || !S_ISREG(found.st_mode))
        return NULL;
    off_t from = found.st_size > (off_t)limit ? found.st_size - (off_t)limit : 0;
    if (from < offset)
        from = offset;
    char *text = arena_alloc(arena, limit + 1);
    size_t size = 0;
    ssize_t got;
    while (size < limit && (got = pread(fd, text + size, limit - size, from + (off_t)size)) > 0)
        size += (size_t)got;
    return text;
}
