#include "cluster.h"

#include "account.h"
#include "child.h"
#include "cluster_settings.h"
#include "conninfo.h"
#include "data_dir.h"
#include "initdb.h"
#include "postgres_bin.h"
#include "postgres_log.h"
#include "postmaster.h"
#include "server/base/clock.h"
#include "server/base/log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    READY_MS = 60000,
    RECOVER_MS = 3600000,
    FAST_STOP_MS = 30000,
    IMMEDIATE_STOP_MS = 5000,
    KILLED_MS = 5000,
    RETRY_FIRST_MS = 500,
    RETRY_LAST_MS = 30000,
    STEADY_MS = 60000,     /* up for so long: the next failure starts with the first pause again */
    ADOPTED_TICKS = 10,    /* so long an ended child is left to whoever may wait for it */
    SOCKET_DIR_BYTES = 90, /* sockaddr_un has 108, and Postgres adds /.s.PGSQL.5432.lock */
};

struct cluster {
    struct arena *arena;
    const char *dir;  /* absolute */
    const char *data; /* DIR/postgres */
    const char *socket;
    bool socket_is_elsewhere; /* a folder of our own outside the data directory */
    struct account account;
    struct postgres_bin bin;
    const char *const *arguments;
    int64_t memory_bytes; /* most for each of its processes */
    int lock_fd;
    struct postgres_log log;
    pid_t pid; /* 0: not running */
    bool is_ready;
    int64_t started_ms;
    int64_t retry_ms; /* when it is to be started again; with pid 0 */
    int64_t pause_ms; /* before the next start */
    pid_t adopted;    /* an ended child nobody has waited for, and how many ticks it was seen */
    int adopted_ticks;
};

/* The socket's folder: in the data directory, unless its name is too long for a socket, or has a
 * comma, which libpq takes for a list of hosts. */
static struct problem *socket_prepare(struct arena *arena, struct cluster *cluster)
{
    const char *socket = arena_print(arena, "%s/socket", cluster->dir);
    if (strlen(socket) <= SOCKET_DIR_BYTES && !strchr(socket, ',')) {
        cluster->socket = socket;
        return data_dir_folder(arena, socket, &cluster->account);
    }
    const char *runtime = cluster->account.is_self ? getenv("XDG_RUNTIME_DIR") : NULL;
    const char *parents[] = { runtime, "/tmp" };
    for (size_t i = 0; i < COUNT(parents); i++) {
        if (!parents[i] || parents[i][0] != '/' || strlen(parents[i]) + 16 > SOCKET_DIR_BYTES)
            continue;
        char *folder = arena_print(arena, "%s/entrepot-XXXXXX", parents[i]);
        if (!mkdtemp(folder))
            continue;
        cluster->socket = folder;
        cluster->socket_is_elsewhere = true;
        return data_dir_folder(arena, folder, &cluster->account);
    }
    return problem_new(arena, &PROBLEM_START,
                       "%s is no name for a socket, and no folder could be made in /tmp: "
                       "choose a shorter --data-dir, without a comma",
                       socket);
}

/* Remove what Postgres leaves in a socket folder when it is killed, and the folder itself when it
 * is one outside the data directory. */
static void socket_clear(struct arena *arena, const char *folder, bool with_folder)
{
    (void)unlink(arena_print(arena, "%s/.s.PGSQL.5432", folder));
    (void)unlink(arena_print(arena, "%s/.s.PGSQL.5432.lock", folder));
    if (with_folder)
        (void)rmdir(folder); /* stays when something foreign is in it */
}

/* Start the process; it becomes ready later. */
static struct problem *postgres_launch(struct arena *arena, struct cluster *cluster)
{
    const struct child_plan plan = { .arguments = cluster->arguments,
                                     .account = &cluster->account,
                                     .output = cluster->log.fd,
                                     .death_signal = SIGINT, /* its fast, orderly stop */
                                     .memory_bytes = cluster->memory_bytes };
    socket_clear(arena, cluster->socket, false); /* a killed one's would keep it from starting */
    postgres_log_mark(&cluster->log);
    cluster->is_ready = false;
    cluster->started_ms = clock_monotonic_ms();
    return child_start(arena, &plan, &cluster->pid);
}

static bool postgres_is_ready(const struct cluster *cluster)
{
    CLEANUP(arena_free_at) struct arena *scratch = arena_new(32768);
    struct postmaster seen;
    return postmaster_read(scratch, cluster->data, &seen) && seen.pid == cluster->pid
           && seen.state == POSTMASTER_READY;
}

/* Has the caller blocked a signal to stop, and did it come? */
static bool stop_is_pending(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0
           && (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1);
}

static struct problem *ready_wait(struct arena *arena, struct cluster *cluster, bool must_recover)
{
    int64_t until = cluster->started_ms + (must_recover ? RECOVER_MS : READY_MS);
    while (!postgres_is_ready(cluster)) {
        int status;
        if (child_wait(cluster->pid, 5, &status)) {
            cluster->pid = 0;
            return postgres_log_problem(arena, &cluster->log, "Postgres did not start, it %s",
                                        child_status_text(arena, status));
        }
        if (stop_is_pending())
            return problem_new(arena, &PROBLEM_START, "stopped while Postgres was starting");
        if (clock_monotonic_ms() > until)
            return postgres_log_problem(arena, &cluster->log,
                                        "Postgres did not become ready in time");
    }
    cluster->is_ready = true;
    log_message(LOG_INFO, "cluster_started", "Postgres %lld in %s, process %ld, ready in %lld ms",
                (long long)cluster->bin.version, cluster->data, (long)cluster->pid,
                (long long)(clock_monotonic_ms() - cluster->started_ms));
    return NULL;
}

static struct problem *cluster_open(struct arena *arena, struct cluster *cluster,
                                    const char *data_dir, const char *postgres_bin,
                                    int64_t min_version)
{
    int64_t data_version;
    bool must_recover = false;
    const char *old_socket = "";
    TRY(data_dir_open(arena, data_dir, &cluster->dir));
    TRY(data_dir_lock(arena, cluster->dir, &cluster->lock_fd));
    cluster->data = arena_print(arena, "%s/postgres", cluster->dir);
    TRY(account_find(arena, cluster->data, &cluster->account));
    TRY(account_check_path(arena, &cluster->account, cluster->dir));
    TRY(data_dir_version(arena, cluster->data, &data_version));
    TRY(postgres_bin_find(arena, postgres_bin, min_version, data_version, &cluster->bin));
    TRY(postgres_log_open(arena, arena_print(arena, "%s/postgres.log", cluster->dir),
                          &cluster->log));
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        log_message(LOG_WARNING, "cluster_reaper", "orphans are not ours: %s", strerror(errno));
    if (data_version)
        TRY(postmaster_settle(arena, cluster->data, &must_recover, &old_socket));
    else
        TRY(initdb_run(arena, &(struct initdb){ .dir = cluster->dir,
                                                .data = cluster->data,
                                                .account = &cluster->account,
                                                .bin = &cluster->bin,
                                                .log = &cluster->log }));
    if (strstr(old_socket, "/entrepot-"))
        socket_clear(arena, old_socket, true);
    TRY(socket_prepare(arena, cluster));
    struct cluster_machine machine;
    cluster_machine_read(&machine, cluster->dir);
    cluster->memory_bytes = cluster_memory(&machine);
    cluster->arguments =
        cluster_settings(arena, &machine, &cluster->bin, cluster->data, cluster->socket);
    TRY(postgres_launch(arena, cluster));
    return ready_wait(arena, cluster, must_recover);
}

/* A parent that ignores SIGCHLD hands that down, and then nobody is told how a child ended. */
static void children_keep(void)
{
    struct sigaction action;
    if (sigaction(SIGCHLD, NULL, &action) == 0 && action.sa_handler == SIG_IGN) {
        action.sa_handler = SIG_DFL;
        (void)sigaction(SIGCHLD, &action, NULL); /* cannot fail: it was just read */
    }
}

struct problem *cluster_start(struct arena *arena, const char *data_dir, const char *postgres_bin,
                              int64_t min_version, struct cluster **out_cluster)
{
    struct cluster *cluster = arena_new_of(arena, struct cluster);
    children_keep();
    *cluster = (struct cluster){
        .arena = arena, .lock_fd = -1, .log = { .fd = -1 }, .pause_ms = RETRY_FIRST_MS
    };
    struct problem *problem = cluster_open(arena, cluster, data_dir, postgres_bin, min_version);
    if (problem) {
        cluster_stop(cluster);
        return problem;
    }
    *out_cluster = cluster;
    return NULL;
}

void cluster_stop(struct cluster *cluster)
{
    if (!cluster)
        return;
    if (cluster->pid) {
        const char *how = "in order";
        bool is_ended = child_end(cluster->pid, SIGINT, FAST_STOP_MS);
        if (!is_ended) {
            how = "at once; it recovers at the next start";
            is_ended = child_end(cluster->pid, SIGQUIT, IMMEDIATE_STOP_MS)
                       || child_end(cluster->pid, SIGKILL, KILLED_MS);
        }
        log_message(is_ended ? LOG_INFO : LOG_ERROR, "cluster_stopped", "%s",
                    is_ended ? how : "Postgres cannot be ended");
        cluster->pid = 0;
        cluster->is_ready = false;
    }
    if (cluster->socket)
        socket_clear(cluster->arena, cluster->socket, cluster->socket_is_elsewhere);
    cluster->socket = NULL;
    postgres_log_close(&cluster->log);
    close_at(&cluster->lock_fd); /* last: the next server may take the directory now */
    cluster->lock_fd = -1;
}

const char *cluster_conninfo(const struct cluster *cluster, struct arena *arena, const char *role,
                             const char *database)
{
    /* hostaddr, because PGHOSTADDR in the environment would win over the socket */
    return arena_print(arena,
                       "host=%s hostaddr='' port=5432 user=%s dbname=%s client_encoding=UTF8 "
                       "sslmode=disable gssencmode=disable",
                       conninfo_quote(arena, cluster->socket), conninfo_quote(arena, role),
                       conninfo_quote(arena, database));
}

const char *cluster_admin_conninfo(const struct cluster *cluster, struct arena *arena)
{
    return cluster_conninfo(cluster, arena, INITDB_SUPERUSER, "postgres");
}

const char *cluster_data_dir(const struct cluster *cluster)
{
    return cluster->dir;
}

bool cluster_is_alive(const struct cluster *cluster)
{
    return cluster->pid && cluster->is_ready;
}

pid_t cluster_pid(const struct cluster *cluster)
{
    return cluster->pid;
}

/* Postgres ended by itself, or could not be started: plan the next start. */
static void retry_plan(struct cluster *cluster)
{
    int64_t now = clock_monotonic_ms();
    if (cluster->is_ready && now - cluster->started_ms > STEADY_MS)
        cluster->pause_ms = RETRY_FIRST_MS;
    cluster->pid = 0;
    cluster->is_ready = false;
    cluster->retry_ms = now + cluster->pause_ms;
    cluster->pause_ms *= 2;
    if (cluster->pause_ms > RETRY_LAST_MS)
        cluster->pause_ms = RETRY_LAST_MS;
}

static void running_tend(struct cluster *cluster, struct arena *arena)
{
    int status;
    if (child_wait(cluster->pid, 0, &status)) {
        log_problem("cluster_ended", postgres_log_problem(arena, &cluster->log, "Postgres %s",
                                                          child_status_text(arena, status)));
        retry_plan(cluster);
    } else if (!cluster->is_ready && postgres_is_ready(cluster)) {
        cluster->is_ready = true;
        log_message(LOG_INFO, "cluster_restarted", "process %ld, ready in %lld ms",
                    (long)cluster->pid, (long long)(clock_monotonic_ms() - cluster->started_ms));
    }
}

/* What the killed one left running must have ended before a new one may start. It is asked to at
 * once, and killed when that did not help; nothing waits here. */
static void stopped_tend(struct cluster *cluster, struct arena *arena)
{
    int64_t late_ms = clock_monotonic_ms() - cluster->retry_ms;
    if (postmaster_signal(cluster->data, 0, late_ms > IMMEDIATE_STOP_MS ? SIGKILL : SIGQUIT)
        || late_ms < 0)
        return;
    bool must_recover;
    const char *old_socket;
    struct problem *problem = postmaster_settle(arena, cluster->data, &must_recover, &old_socket);
    if (!problem)
        problem = postgres_launch(arena, cluster);
    if (problem) {
        log_problem("cluster_start", problem);
        retry_plan(cluster);
    }
}

/* Reap what came to us because its parent ended: backends of a killed Postgres at once, anything
 * else only when nobody has waited for it for a while, so as not to take a child from its owner. */
static void adopted_tend(struct cluster *cluster, struct arena *arena)
{
    for (;;) {
        siginfo_t ended = { 0 };
        if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || !ended.si_pid)
            return;
        pid_t pid = ended.si_pid;
        if (pid == cluster->pid)
            return; /* ours; seen at the next tick */
        cluster->adopted_ticks = pid == cluster->adopted ? cluster->adopted_ticks + 1 : 1;
        cluster->adopted = pid;
        if (strcmp(postmaster_program(arena, pid), "postgres") != 0
            && cluster->adopted_ticks < ADOPTED_TICKS)
            return;
        int status;
        (void)waitpid(pid, &status, WNOHANG);
    }
}

void cluster_tend(struct cluster *cluster, struct arena *arena)
{
    if (cluster->pid)
        running_tend(cluster, arena);
    else
        stopped_tend(cluster, arena);
    postgres_log_tend(&cluster->log);
    adopted_tend(cluster, arena);
}
