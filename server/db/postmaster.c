#include "postmaster.h"

#include "child.h"
#include "data_dir.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

CLEANUP_DEFINE(DIR *, closedir)

/* Lines of postmaster.pid, from 0; see src/include/utils/pidfile.h of Postgres. */
enum { LINE_PID = 0, LINE_SOCKET_DIR = 4, LINE_STATE = 7, LINE_COUNT = 8 };

enum {
    PID_FILE_BYTES = 8192,
    NOTICE_MS = 10000,    /* until a Postgres whose server was killed must have noticed */
    STOPPING_MS = 300000, /* its last checkpoint may have much to write */
    ORPHANS_QUIT_MS = 5000,
    ORPHANS_KILL_MS = 5000,
};

static enum postmaster_state state_parse(const char *text)
{
    static const struct {
        const char *text;
        enum postmaster_state state;
    } states[] = { { "starting", POSTMASTER_STARTING },
                   { "ready", POSTMASTER_READY },
                   { "standby", POSTMASTER_READY },
                   { "stopping", POSTMASTER_STOPPING } };
    for (size_t i = 0; i < COUNT(states); i++)
        if (text_starts(text, states[i].text)) /* padded with spaces */
            return states[i].state;
    return POSTMASTER_UNKNOWN;
}

bool postmaster_read(struct arena *arena, const char *data_path, struct postmaster *out)
{
    const char *text =
        data_dir_read(arena, arena_print(arena, "%s/postmaster.pid", data_path), PID_FILE_BYTES, 0);
    if (!text)
        return false;
    const char *lines[LINE_COUNT] = { "", "", "", "", "", "", "", "" };
    for (size_t i = 0; i < LINE_COUNT && *text; i++) {
        size_t length = strcspn(text, "\n");
        lines[i] = arena_copy(arena, text, length);
        text += length + (text[length] == '\n');
    }
    int64_t pid;
    /* a negative number is a single-user Postgres */
    if (!text_to_int64(lines[LINE_PID], &pid) || !pid || pid < -INT32_MAX || pid > INT32_MAX)
        return false;
    *out = (struct postmaster){ .pid = (pid_t)llabs(pid),
                                .state = state_parse(lines[LINE_STATE]),
                                .socket_dir = lines[LINE_SOCKET_DIR] };
    return true;
}

/* The program's name (15 bytes at most) and the letter of the state, of /proc/<pid>/stat. */
static bool process_read(pid_t pid, char out_program[16], char *out_state)
{
    char path[64], text[512];
    (void)snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    CLEANUP(close_at) int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (size <= 0)
        return false;
    text[size] = '\0';
    const char *name = strchr(text, '(');
    const char *end = strrchr(text, ')'); /* the name may hold parentheses */
    if (!name || !end || end - name > 16 || end[1] != ' ')
        return false;
    memcpy(out_program, name + 1, (size_t)(end - name - 1));
    out_program[end - name - 1] = '\0';
    *out_state = end[2];
    return true;
}

bool postmaster_is_alive(const char *data_path, pid_t pid)
{
    char program[16], state, path[64];
    struct stat folder, data;
    (void)snprintf(path, sizeof path, "/proc/%ld/cwd", (long)pid);
    return process_read(pid, program, &state) && strcmp(program, "postgres") == 0 && state != 'Z'
           && state != 'X' && stat(path, &folder) == 0 && stat(data_path, &data) == 0
           && folder.st_dev == data.st_dev && folder.st_ino == data.st_ino;
}

const char *postmaster_program(struct arena *arena, pid_t pid)
{
    char program[16], state;
    return process_read(pid, program, &state) ? arena_text(arena, program) : "";
}

size_t postmaster_signal(const char *data_path, pid_t except, int signal)
{
    size_t count = 0;
    CLEANUP(closedir_at) DIR *processes = opendir("/proc");
    for (const struct dirent *entry; processes && (entry = readdir(processes));) {
        int64_t pid;
        if (!text_to_int64(entry->d_name, &pid) || pid <= 1 || pid > INT32_MAX || pid == except
            || !postmaster_is_alive(data_path, (pid_t)pid))
            continue;
        count++;
        (void)kill((pid_t)pid, signal); /* it may end by itself meanwhile */
    }
    return count;
}

/* Signal until none is left; false when some are after the time. */
static bool orphans_end(const char *data_path, int signal, int64_t timeout_ms)
{
    int64_t until = clock_monotonic_ms() + timeout_ms;
    while (postmaster_signal(data_path, 0, signal)) {
        if (clock_monotonic_ms() > until)
            return false;
        child_pause(10);
    }
    return true;
}

/* One that lost its server is told so by the system and stops; another one does not. */
static struct problem *other_wait(struct arena *arena, const char *data_path,
                                  const struct postmaster *other)
{
    int64_t now = clock_monotonic_ms();
    int64_t notice_until = now + NOTICE_MS, stop_until = now + STOPPING_MS;
    while (postmaster_is_alive(data_path, other->pid)) {
        CLEANUP(arena_free_at) struct arena *scratch = arena_new((size_t)2 * PID_FILE_BYTES);
        struct postmaster seen = *other;
        bool is_stopping =
            postmaster_read(scratch, data_path, &seen) && seen.state == POSTMASTER_STOPPING;
        if (clock_monotonic_ms() > (is_stopping ? stop_until : notice_until))
            return problem_new(
                arena, &PROBLEM_START,
                "another Postgres, process %ld, %s %s: stop it first (kill -INT %ld)",
                (long)other->pid, is_stopping ? "is still stopping in" : "serves", data_path,
                (long)other->pid);
        child_pause(20);
    }
    return NULL;
}

struct problem *postmaster_settle(struct arena *arena, const char *data_path,
                                  bool *out_must_recover, const char **out_socket_dir)
{
    struct postmaster old = { .socket_dir = "" };
    if (postmaster_read(arena, data_path, &old))
        TRY(other_wait(arena, data_path, &old));
    if (!orphans_end(data_path, SIGQUIT, ORPHANS_QUIT_MS)
        && !orphans_end(data_path, SIGKILL, ORPHANS_KILL_MS))
        return problem_new(arena, &PROBLEM_START,
                           "processes of an earlier Postgres still work in %s and cannot be ended: "
                           "see `ps ax`, or restart the machine",
                           data_path);
    /* One that stopped in order has removed its file. Any that is left names a process that is
     * dead, a zombie, or another program, and would keep Postgres from starting. */
    const char *file = arena_print(arena, "%s/postmaster.pid", data_path);
    *out_must_recover = unlink(file) == 0;
    *out_socket_dir = old.socket_dir;
    if (*out_must_recover)
        log_message(LOG_WARNING, "cluster_recovering",
                    "Postgres was not stopped in order: it recovers what was committed");
    return NULL;
}
