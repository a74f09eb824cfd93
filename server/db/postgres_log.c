#include "postgres_log.h"

#include "data_dir.h"
#include "server/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TAIL_BYTES = 2048, MAX_BYTES = 10 * 1024 * 1024 };

void postgres_log_mark(struct postgres_log *log)
{
    struct stat found;
    log->start = fstat(log->fd, &found) == 0 ? found.st_size : 0;
}

struct problem *postgres_log_open(struct arena *arena, const char *path,
                                  struct postgres_log *out_log)
{
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return data_dir_problem(arena, path, errno);
    *out_log = (struct postgres_log){ .path = path, .fd = fd };
    postgres_log_tend(out_log);
    postgres_log_mark(out_log);
    return NULL;
}

void postgres_log_close(struct postgres_log *log)
{
    close_at(&log->fd);
    log->fd = -1;
}

static void file_copy(int from, const char *to_path)
{
    char bytes[16384];
    off_t at = 0;
    CLEANUP(close_at)
    int to = open(to_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    for (ssize_t size; to >= 0 && (size = pread(from, bytes, sizeof bytes, at)) > 0; at += size)
        if (write(to, bytes, (size_t)size) != size)
            return; /* a full disk: what does not fit is let go */
}

void postgres_log_tend(struct postgres_log *log)
{
    struct stat found;
    if (fstat(log->fd, &found) != 0 || found.st_size <= MAX_BYTES)
        return;
    CLEANUP(arena_free_at) struct arena *arena = arena_new(256);
    file_copy(log->fd, arena_print(arena, "%s.1", log->path));
    /* Postgres appends, so it goes on at the new end */
    if (ftruncate(log->fd, 0) != 0)
        log_message(LOG_WARNING, "cluster_log", "%s cannot be emptied: %s", log->path,
                    strerror(errno));
    log->start = 0;
}

/* Why Postgres failed, in words of ours, where its log tells a common reason. */
static const char *reason_find(const char *tail)
{
    static const struct {
        const char *words;
        const char *reason;
    } reasons[] = {
        { "No space left on device", "its disk is full: make room on it" },
        { "Disk quota exceeded", "the quota of its disk is used up: make room on it" },
        { "could not create shared memory", "the system gives it no shared memory" },
        { "Cannot allocate memory", "there is not enough memory" },
        { "Too many open files", "the limit of open files is too low: see `ulimit -n`" },
        { "Read-only file system", "its disk may only be read" },
        { "could not look up effective user ID",
          "its user has no entry in /etc/passwd, and initdb wants one" },
        { "Permission denied", "its user may not use one of its files or folders" },
    };
    for (size_t i = 0; i < COUNT(reasons); i++)
        if (strstr(tail, reasons[i].words))
            return reasons[i].reason;
    return "its log says why";
}

struct problem *postgres_log_problem(struct arena *arena, const struct postgres_log *log,
                                     const char *what, ...)
{
    va_list arguments;
    va_start(arguments, what);
    const char *text = arena_vprint(arena, what, arguments);
    va_end(arguments);
    const char *tail = data_dir_read(arena, log->path, TAIL_BYTES, log->start);
    if (!tail)
        tail = "";
    struct problem *problem =
        problem_new(arena, &PROBLEM_START, "%s: %s (%s)", text, reason_find(tail), log->path);
    return problem_because(arena, problem, "%s", tail);
}
