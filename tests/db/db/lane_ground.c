#include "lane_ground.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct lane_ground ground;
struct answer answers[MANY];

void lane_ground_setup(void)
{
    ground.arena = arena_new(4096);
    ground.db = db_open(harness_conninfo(), "lane_test");
    ground.loop = epoll_create1(EPOLL_CLOEXEC);
    MUST(db_run(ground.db, ground.arena, "CREATE SCHEMA IF NOT EXISTS test"));
}

void lane_ground_teardown(void)
{
    lane_close(ground.lane);
    db_close(ground.db);
    (void)close(ground.loop);
    arena_free(ground.arena);
}

void watch(void *context, int fd, unsigned events)
{
    struct epoll_event event = { .events = events, .data.fd = fd };
    (void)context;
    if (!events)
        (void)epoll_ctl(ground.loop, EPOLL_CTL_DEL, fd, NULL); /* libpq may have closed it */
    else if (epoll_ctl(ground.loop, EPOLL_CTL_MOD, fd, &event))
        ck_assert_int_eq(epoll_ctl(ground.loop, EPOLL_CTL_ADD, fd, &event), 0);
}

void open_lane(int connections, int64_t timeout_ms)
{
    ground.lane = lane_open(harness_conninfo(), connections, timeout_ms);
    lane_set_watch(ground.lane, watch, NULL);
}

void turn(void)
{
    struct epoll_event events[16];
    lane_flush(ground.lane);
    int count = epoll_wait(ground.loop, events, COUNT(events), 20);
    for (int i = 0; i < count; i++)
        lane_ready(ground.lane, events[i].data.fd, events[i].events);
    lane_tick(ground.lane);
}

void take(void *context, struct problem *problem, const char *sqlstate,
          const struct lane_rows *rows)
{
    struct answer *answer = context;
    answer->times++;
    ck_assert_int_eq(!problem, rows != NULL);
    (void)snprintf(answer->kind, sizeof answer->kind, "%s", problem ? problem->kind->slug : "");
    (void)snprintf(answer->sqlstate, sizeof answer->sqlstate, "%s", sqlstate);
    if (rows && lane_row_count(rows)) {
        struct db_value value = lane_value(rows, 0, 0);
        uint64_t wide = 0;
        uint32_t narrow = 0;
        answer->rows = lane_row_count(rows);
        if (value.size == 8)
            memcpy(&wide, value.data, sizeof wide);
        else if (value.size == 4)
            memcpy(&narrow, value.data, sizeof narrow);
        answer->number = value.size == 8 ? (int64_t)be64toh(wide) : (int64_t)be32toh(narrow);
    }
    if (answer->chained)
        send_text("SELECT 77::int8", answer->chained);
}

void send_text(const char *text, struct answer *answer)
{
    const struct db_query query = { .text = text };
    lane_send(ground.lane, ground.arena, &query, take, answer);
}

void send_number(const char *text, int64_t number, struct answer *answer)
{
    struct db_param *in = arena_new_of(ground.arena, struct db_param);
    *in = db_int64(number);
    const struct db_query query = { text, in, 1 };
    lane_send(ground.lane, ground.arena, &query, take, answer);
}

void wait_for_all(void)
{
    while (lane_pending(ground.lane))
        turn();
}

void wait_for_connections(int count)
{
    while (lane_connected(ground.lane) != count)
        turn();
}

void check_number(const struct answer *answer, int64_t number)
{
    ck_assert_int_eq(answer->times, 1);
    ck_assert_str_eq(answer->kind, "");
    ck_assert_str_eq(answer->sqlstate, "");
    ck_assert_int_eq(answer->number, number);
}

void check_failed(const struct answer *answer, const struct problem_kind *kind,
                  const char *sqlstate)
{
    ck_assert_int_eq(answer->times, 1);
    ck_assert_str_eq(answer->kind, kind->slug);
    ck_assert_str_eq(answer->sqlstate, sqlstate);
}

/* All the lane's processes are ended; how many. */
int64_t terminate_lane(void)
{
    return support_number(ground.db, ground.arena,
                          "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity "
                          "WHERE application_name = 'entrepot read lane'"
                          " AND datname = current_database()");
}

const char waits[] = "SELECT $1 FROM pg_advisory_xact_lock_shared(4711)";

/* Statements that wait until release_lock, so that they are surely under way. */
void take_lock(void)
{
    MUST(db_run(ground.db, ground.arena, "SELECT pg_advisory_lock(4711)"));
}

void release_lock(void)
{
    MUST(db_run(ground.db, ground.arena, "SELECT pg_advisory_unlock(4711)"));
}

void wait_until_blocked(int64_t count)
{
    while (support_number(ground.db, ground.arena,
                          "SELECT count(*) FROM pg_locks WHERE NOT granted AND "
                          "locktype = 'advisory' AND objid = 4711")
           != count)
        turn();
}
