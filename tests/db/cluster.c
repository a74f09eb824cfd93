#include "cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void give_up(const char *what)
{
    fprintf(stderr, "test cluster: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

/* $ENTREPOT_POSTGRES_BIN, else the newest of Debian's folders, else the PATH. */
static void find_program(const char *name, char *out_path, size_t size)
{
    const char *folder = getenv("ENTREPOT_POSTGRES_BIN");
    if (folder) {
        (void)snprintf(out_path, size, "%s/%s", folder, name);
        return;
    }
    for (int version = 30; version >= 15; version--) {
        (void)snprintf(out_path, size, "/usr/lib/postgresql/%d/bin/%s", version, name);
        if (access(out_path, X_OK) == 0)
            return;
    }
    (void)snprintf(out_path, size, "%s", name);
}

/* Postgres refuses to run as root. */
static const struct passwd *find_user(void)
{
    const struct passwd *user = getuid() ? getpwuid(getuid()) : getpwnam("postgres");
    if (!user)
        user = getpwnam("nobody");
    if (!user)
        give_up("no user to run Postgres as");
    return user;
}

static void become(const struct passwd *user)
{
    if (getuid() == user->pw_uid)
        return;
    if (setgroups(0, NULL) || setgid(user->pw_gid) || setuid(user->pw_uid))
        give_up("cannot become the user of the cluster");
}

/* $ENTREPOT_TEST_MEMORY_MB: most memory of its own for each process of the server. */
static void bound_memory(void)
{
    const char *wanted = getenv("ENTREPOT_TEST_MEMORY_MB");
    if (!wanted)
        return;
    rlim_t bytes = (rlim_t)strtoul(wanted, NULL, 10) << 20;
    const struct rlimit memory = { bytes, bytes };
    if (setrlimit(RLIMIT_DATA, &memory))
        give_up("setrlimit");
}

static pid_t start(const struct passwd *user, int output, char *const *arguments)
{
    pid_t child = fork();
    if (child < 0)
        give_up("fork");
    if (child)
        return child;
    become(user);
    /* after setuid, which clears it */
    (void)prctl(PR_SET_PDEATHSIG, SIGQUIT);
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)setenv("LC_ALL", "C", 1);
    if (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
        give_up("dup2");
    bound_memory(); /* last, because a sanitizer in this process wants more than that */
    execvp(arguments[0], arguments);
    give_up(arguments[0]);
    return -1;
}

static void make_directory(struct test_cluster *cluster, const struct passwd *user)
{
    const char *parent = getenv("TMPDIR");
    (void)snprintf(cluster->directory, sizeof cluster->directory, "%s/entrepot-XXXXXX",
                   parent && strlen(parent) < 40 ? parent : "/tmp"); /* socket paths are short */
    if (!mkdtemp(cluster->directory))
        give_up(cluster->directory);
    if (chown(cluster->directory, user->pw_uid, user->pw_gid))
        give_up("chown");
}

static void make_cluster(const struct test_cluster *cluster, const struct passwd *user)
{
    char program[PATH_MAX];
    char data[PATH_MAX];
    char log[PATH_MAX];
    find_program("initdb", program, sizeof program);
    (void)snprintf(data, sizeof data, "%s/data", cluster->directory);
    (void)snprintf(log, sizeof log, "%s/initdb.log", cluster->directory);
    int output = open(log, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (output < 0)
        give_up(log);
    char *const arguments[] = { program,
                                "-D",
                                data,
                                "-U",
                                (char *)cluster->user,
                                "-E",
                                "UTF8",
                                "--locale=C.UTF-8",
                                "-A",
                                "trust",
                                "--no-sync",
                                NULL };
    pid_t child = start(user, output, arguments);
    (void)close(output);
    int status;
    if (waitpid(child, &status, 0) != child || status != 0)
        give_up("initdb failed, its log is kept in the directory of the cluster");
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    return remove(path);
}

static void remove_cluster(const struct test_cluster *cluster)
{
    if (strstr(cluster->directory, "/entrepot-")) /* never anything else */
        (void)nftw(cluster->directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static pid_t start_postgres(const struct test_cluster *cluster, const struct passwd *user,
                            int output)
{
    char program[PATH_MAX];
    char data[PATH_MAX];
    char *const arguments[] = { program,
                                "-D",
                                data,
                                "-k",
                                (char *)cluster->directory,
                                "-c",
                                "listen_addresses=",
                                "-c",
                                "fsync=off",
                                "-c",
                                "synchronous_commit=off",
                                "-c",
                                "full_page_writes=off",
                                "-c",
                                "shared_buffers=64MB",
                                "-c",
                                "max_connections=60",
                                "-c",
                                "autovacuum=off",
                                "-c",
                                "wal_level=replica",
                                NULL };
    find_program("postgres", program, sizeof program);
    (void)snprintf(data, sizeof data, "%s/data", cluster->directory);
    return start(user, output, arguments);
}

/* Copies what postgres says to the log; tells the program once connections are taken. */
static void pass_on(int from, int log, int ready)
{
    static const char word[] = "ready to accept connections";
    char said[4096];
    ssize_t size = read(from, said, sizeof said - 1);
    if (size <= 0)
        return;
    said[size] = '\0';
    if (write(log, said, (size_t)size) != size || (strstr(said, word) && write(ready, "r", 1) != 1))
        give_up("write");
}

static void watch(const struct test_cluster *cluster, const struct passwd *user, pid_t program,
                  int ready)
{
    sigset_t wanted;
    (void)sigemptyset(&wanted);
    (void)sigaddset(&wanted, SIGTERM);
    (void)sigaddset(&wanted, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &wanted, NULL);
    sigset_t ended;
    (void)sigemptyset(&ended);
    (void)sigaddset(&ended, SIGCHLD);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)setsid();
    (void)signal(SIGQUIT,
                 SIG_DFL); /* a shell may have it ignored, and so might postgres, at first */
    if (getppid() != program)
        _exit(EXIT_FAILURE);
    make_cluster(cluster, user);
    char path[PATH_MAX];
    int output[2];
    (void)snprintf(path, sizeof path, "%s/postgres.log", cluster->directory);
    int log = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    struct timespec none = { 0 };
    while (sigtimedwait(&ended, NULL, &none) == SIGCHLD) /* of initdb */
        continue;
    int signals = signalfd(-1, &wanted, SFD_CLOEXEC);
    if (log < 0 || signals < 0 || pipe2(output, O_CLOEXEC))
        give_up("watcher");
    pid_t postgres = start_postgres(cluster, user, output[1]);
    struct pollfd watched[] = { { .fd = signals, .events = POLLIN },
                                { .fd = output[0], .events = POLLIN } };
    while (poll(watched, 2, -1) >= 0 && !watched[0].revents)
        pass_on(output[0], log, ready);
    (void)kill(postgres, SIGQUIT);
    (void)waitpid(postgres, NULL, 0);
    remove_cluster(cluster);
    _exit(EXIT_SUCCESS);
}

void test_cluster_start(struct test_cluster *cluster)
{
    const struct passwd *user = find_user();
    int ready[2];
    char byte;
    (void)snprintf(cluster->user, sizeof cluster->user, "%s", user->pw_name);
    make_directory(cluster, user);
    if (pipe2(ready, O_CLOEXEC))
        give_up("pipe");
    pid_t program = getpid();
    cluster->watcher = fork();
    if (cluster->watcher < 0)
        give_up("fork");
    if (!cluster->watcher) {
        (void)close(ready[0]);
        watch(cluster, user, program, ready[1]);
    }
    (void)close(ready[1]);
    if (read(ready[0], &byte, 1) != 1)
        give_up("Postgres did not start");
    (void)close(ready[0]);
}

void test_cluster_stop(struct test_cluster *cluster)
{
    if (!cluster->watcher)
        return;
    (void)kill(cluster->watcher, SIGTERM);
    (void)waitpid(cluster->watcher, NULL, 0);
    cluster->watcher = 0;
}
