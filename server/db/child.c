#include "child.h"

#include "server/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REPORT_FD = 3, OUTPUT_MAX = 4096, OUTPUT_TIMEOUT_MS = 10000 };

/* What a child tells before it could become the program. */
struct report {
    int error;
    bool is_account; /* it could not become the user; else it could not become the program */
};

/* Everything the child needs, made before the fork: between fork and exec of a threaded process
 * only calls of the system are safe. */
struct child_setup {
    const struct child_plan *plan;
    char *const *environment;
    pid_t parent;
    int output;
    int report;
};

static char **environment_new(struct arena *arena)
{
    static const char *const kept[] = { "PATH", "LD_LIBRARY_PATH", "TZDIR" };
    char **environment = arena_array_of(arena, char *, COUNT(kept) + 2);
    size_t count = 0;
    for (size_t i = 0; i < COUNT(kept); i++) {
        const char *value = getenv(kept[i]);
        if (value)
            environment[count++] = arena_print(arena, "%s=%s", kept[i], value);
    }
    environment[count] = arena_text(arena, "LC_ALL=C");
    return environment;
}

static void child_tell(bool is_account, int error)
{
    const struct report report = { .error = error, .is_account = is_account };
    ssize_t written = write(REPORT_FD, &report, sizeof report);
    (void)written; /* a parent that has gone reads nothing, and this child ends either way */
    _exit(127);
}

static _Noreturn void child_become(const struct child_setup *setup)
{
    const struct sigaction standard = { .sa_handler = SIG_DFL };
    for (int number = 1; number < NSIG; number++)
        (void)sigaction(number, &standard, NULL); /* SIGKILL, SIGSTOP and unused numbers refuse */
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);

    /* a session of its own: Ctrl-C in our terminal is ours to handle, in our order */
    (void)setsid();
    (void)umask(077);
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, 0) < 0 || dup2(setup->output, 1) < 0 || dup2(setup->output, 2) < 0
        || dup2(setup->report, REPORT_FD) < 0 || fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC) < 0
        || chdir("/") < 0)
        child_tell(false, errno);
    (void)syscall(SYS_close_range, REPORT_FD + 1, ~0U, 0); /* ours are close-on-exec anyway */

    int error = account_become(setup->plan->account);
    if (error)
        child_tell(true, error);
    struct rlimit memory;
    rlim_t most = (rlim_t)setup->plan->memory_bytes;
    if (most && getrlimit(RLIMIT_DATA, &memory) == 0 && memory.rlim_cur > most) {
        memory.rlim_cur = most; /* the hard limit stays: a smaller one of the machine is kept */
        if (setrlimit(RLIMIT_DATA, &memory) != 0)
            child_tell(false, errno);
    }
    if (prctl(PR_SET_PDEATHSIG, setup->plan->death_signal) != 0)
        child_tell(false, errno);
    if (getppid() != setup->parent)
        _exit(127); /* the parent ended before the signal was asked for */
    execve(setup->plan->arguments[0], (char *const *)setup->plan->arguments, setup->environment);
    child_tell(false, errno);
    _exit(127);
}

/* The fork itself, with every signal held back so that no handler of ours runs in the child. */
static pid_t child_fork(const struct child_setup *setup)
{
    sigset_t all, before;
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        child_become(setup);
    int error = errno;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return pid;
}

static struct problem *start_problem(struct arena *arena, const struct child_plan *plan,
                                     const struct report *report)
{
    if (report->is_account)
        return problem_new(arena, &PROBLEM_START, "%s could not be run as the user %s: %s",
                           plan->arguments[0], plan->account->name, strerror(report->error));
    return problem_new(arena, &PROBLEM_START, "%s could not be run: %s", plan->arguments[0],
                       strerror(report->error));
}

struct problem *child_start(struct arena *arena, const struct child_plan *plan, pid_t *out_pid)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return start_problem(arena, plan, &(struct report){ .error = errno });
    CLEANUP(close_at) int reading = ends[0];
    CLEANUP(close_at) int writing = ends[1];
    /* above the numbers the child gives away, even when our own 0, 1 or 2 are closed */
    CLEANUP(close_at) int report_fd = fcntl(writing, F_DUPFD_CLOEXEC, 16);
    CLEANUP(close_at) int output = fcntl(plan->output, F_DUPFD_CLOEXEC, 16);
    if (report_fd < 0 || output < 0)
        return start_problem(arena, plan, &(struct report){ .error = errno });

    const struct child_setup setup = { .plan = plan,
                                       .environment = environment_new(arena),
                                       .parent = getpid(),
                                       .output = output,
                                       .report = report_fd };
    pid_t pid = child_fork(&setup);
    if (pid < 0)
        return start_problem(arena, plan, &(struct report){ .error = errno });
    close_at(&writing);
    close_at(&report_fd);
    writing = report_fd = -1;

    struct report report;
    ssize_t size;
    do
        size = read(reading, &report, sizeof report);
    while (size < 0 && errno == EINTR);
    if (size == (ssize_t)sizeof report) {
        int status;
        (void)child_wait(pid, OUTPUT_TIMEOUT_MS, &status);
        return start_problem(arena, plan, &report);
    }
    *out_pid = pid;
    return NULL;
}

void child_pause(int milliseconds)
{
    const struct timespec pause = { .tv_sec = milliseconds / 1000,
                                    .tv_nsec = milliseconds % 1000 * 1000000L };
    (void)nanosleep(&pause, NULL); /* woken early by a signal is fine: the caller looks again */
}

bool child_wait(pid_t pid, int64_t timeout_ms, int *out_status)
{
    int64_t until = clock_monotonic_ms() + timeout_ms;
    for (int pause = 1;; pause = pause < 8 ? pause * 2 : pause) {
        int status = 0;
        pid_t ended = waitpid(pid, &status, WNOHANG);
        if (ended == pid || (ended < 0 && errno == ECHILD)) {
            /* reaped by somebody else, how it ended is not known: that is no success */
            *out_status = ended == pid ? status : W_EXITCODE(255, 0);
            return true;
        }
        int64_t left = until - clock_monotonic_ms();
        if (left <= 0)
            return false;
        child_pause(left < pause ? (int)left : pause);
    }
}

const char *child_status_text(struct arena *arena, int status)
{
    if (WIFSIGNALED(status))
        return arena_print(arena, "was killed by signal %d", WTERMSIG(status));
    return arena_print(arena, "ended with %d", WEXITSTATUS(status));
}

bool child_end(pid_t pid, int signal, int64_t timeout_ms)
{
    int status;
    (void)kill(pid, signal); /* fails only when it has ended already */
    return child_wait(pid, timeout_ms, &status);
}

/* Read until the end, the limit or the deadline. */
static size_t output_read(int from, char *text, int64_t until)
{
    size_t size = 0;
    while (size < OUTPUT_MAX) {
        int64_t left = until - clock_monotonic_ms();
        struct pollfd wait = { .fd = from, .events = POLLIN };
        int ready = poll(&wait, 1, left > 0 ? (int)left : 0);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            break;
        ssize_t got = read(from, text + size, OUTPUT_MAX - size);
        if (got <= 0)
            break;
        size += (size_t)got;
    }
    return size;
}

const char *child_output(struct arena *arena, const char *const *arguments)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return NULL;
    CLEANUP(close_at) int reading = ends[0];
    CLEANUP(close_at) int writing = ends[1];
    const struct account self = { .name = "ourselves", .is_self = true };
    const struct child_plan plan = {
        .arguments = arguments, .account = &self, .output = writing, .death_signal = SIGKILL
    };
    pid_t pid = 0;
    if (child_start(arena, &plan, &pid))
        return NULL; /* not there or not to be run: to the caller that is an answer */
    close_at(&writing);
    writing = -1;

    char text[OUTPUT_MAX];
    int64_t until = clock_monotonic_ms() + OUTPUT_TIMEOUT_MS;
    size_t size = output_read(reading, text, until);
    int status;
    if (!child_wait(pid, until - clock_monotonic_ms(), &status)) {
        (void)child_end(pid, SIGKILL, OUTPUT_TIMEOUT_MS);
        return NULL;
    }
    return status == 0 ? arena_copy(arena, text, size) : NULL;
}
