#include "steward.h"

#include "retention.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/db/listener.h"
#include "server/rows/snapshot_file.h"
#include "sql.h"

#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#define ROUND_MS 5000

struct steward {
    struct steward_options options;
    pthread_t thread;
    int wake_fd; /* readable when the steward is to stop */
};

CLEANUP_DEFINE(struct db *, db_close)

static struct problem *count_row(void *context)
{
    ++*(int64_t *)context;
    return NULL;
}

static struct problem *close_interrupted(struct db *db, struct arena *arena,
                                         const struct steward_options *options, int64_t *out_closed)
{
    int64_t id;
    int64_t closed = 0;
    const struct db_param in[] = { db_text(options->instance), db_bool(options->alone) };
    const struct db_column out[] = { db_to_int64(&id) };
    TRY(db_each(db, arena, &sql_runs_interrupted, in, COUNT(in), out, COUNT(out), count_row,
                &closed));
    TRY(db_none(db, arena, &sql_deliveries_interrupted, NULL, 0));
    *out_closed = closed;
    return NULL;
}

static struct problem *round_of_work(struct steward *steward, struct db *db, struct arena *arena,
                                     bool tidy)
{
    const struct steward_options *options = &steward->options;
    struct retention_done done = { 0 };
    int64_t closed = 0;
    int64_t removed = 0;
    bool changed = false;
    TRY(catalogue_refresh(options->catalogue, db, arena, &changed));
    if (tidy) {
        TRY(close_interrupted(db, arena, options, &closed));
        CLEANUP(catalogue_release_at)
        const struct catalogue *catalogue = catalogue_acquire(options->catalogue);
        TRY(retention_apply(db, arena, catalogue, options->config, &done));
        TRY(snapshot_files_collect(options->files, arena, catalogue, &removed));
    }
    if (closed || done.retired || done.dropped || done.forgotten || removed) {
        const struct log_member line[] = { LOG_NUMBER("runs_closed", closed),
                                           LOG_NUMBER("snapshots_retired", done.retired),
                                           LOG_NUMBER("tables_dropped", done.dropped),
                                           LOG_NUMBER("files_removed", removed),
                                           LOG_NUMBER("runs_forgotten", done.forgotten) };
        log_line(LOG_INFO, "tidied", line, COUNT(line));
    }
    return NULL;
}

static bool must_stop(const struct steward *steward)
{
    eventfd_t value;
    return eventfd_read(steward->wake_fd, &value) == 0;
}

/* The database is away: do not ask again at once. */
static void wait_a_moment(const struct steward *steward)
{
    struct pollfd wake = { .fd = steward->wake_fd, .events = POLLIN };
    (void)poll(&wake, 1, 1000); /* woken or not, the loop looks again */
}

static void *keep(void *context)
{
    struct steward *steward = context;
    const char *conninfo = steward->options.owner_conninfo;
    CLEANUP(db_close_at) struct db *db = db_open(conninfo, "entrepot steward");
    CLEANUP(listener_close_at) struct listener *listener = listener_open(conninfo, "entrepot");
    int64_t tidied_ms = 0;
    while (!must_stop(steward)) {
        CLEANUP(arena_free_at) struct arena *arena = arena_new(8 * 1024);
        bool notified = false;
        struct problem *problem =
            listener_wait(listener, arena, ROUND_MS, steward->wake_fd, &notified);
        bool tidy = clock_monotonic_ms() - tidied_ms >= ROUND_MS;
        if (tidy)
            tidied_ms = clock_monotonic_ms();
        if (!problem)
            problem = round_of_work(steward, db, arena, tidy);
        if (problem) {
            log_problem("steward", problem);
            wait_a_moment(steward);
        }
        steward->options.changed(steward->options.context);
    }
    return NULL;
}

struct problem *steward_start(struct db *db, struct arena *arena,
                              const struct steward_options *options, struct steward **out_steward)
{
    int64_t closed;
    TRY(close_interrupted(db, arena, options, &closed));
    struct steward *steward = calloc(1, sizeof *steward);
    if (!steward)
        abort();
    steward->options = *options;
    steward->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (steward->wake_fd < 0 || pthread_create(&steward->thread, NULL, keep, steward))
        abort(); /* no descriptor or thread at start: there is nothing to serve with */
    *out_steward = steward;
    return NULL;
}

void steward_stop(struct steward *steward)
{
    if (!steward)
        return;
    int failed = eventfd_write(steward->wake_fd, 1);
    assert(!failed);
    (void)pthread_join(steward->thread, NULL); /* started by steward_start, joined once */
    (void)close(steward->wake_fd);             /* nothing was ever stored in it */
    free(steward);
}
