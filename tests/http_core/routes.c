#include "fixture.h"

#include "server/base/digest.h"
#include "server/base/text.h"

#include <poll.h>

/* Counts for hand_await. */
static void hand_count(int *number)
{
    pthread_mutex_lock(&hand.mutex);
    (*number)++;
    pthread_cond_broadcast(&hand.changed);
    pthread_mutex_unlock(&hand.mutex);
}

static struct problem *hello(struct request *rq, struct reply *rp)
{
    return reply_text(rq, rp, 200, "text/plain", "hello\n", 6);
}

static struct problem *tagged(struct request *rq, struct reply *rp)
{
    static const char line[] = "the quick brown fox jumps over the lazy dog, again and again\n";
    if (reply_not_modified(rq, rp, "v1"))
        return NULL;
    size_t size = 40 * (sizeof line - 1);
    char *text = arena_alloc(rq->arena, size);
    for (size_t i = 0; i < size; i++)
        text[i] = line[i % (sizeof line - 1)];
    return reply_text(rq, rp, 200, "text/csv", text, size);
}

/* Tells what it was asked. */
static struct problem *echo(struct request *rq, struct reply *rp)
{
    size_t count;
    const struct request_option *options = request_options(rq, &count);
    json_t *all = json_object();
    for (size_t i = 0; i < count; i++)
        json_object_set_new(all, options[i].name, json_string(options[i].value));
    const char *header = request_header(rq, "X-Test");
    return reply_json(rq, rp, 200,
                      json_pack("{s:s, s:s, s:s, s:s, s:s?, s:o}", "name", request_path(rq, 0),
                                "path", request_raw_path(rq), "base", request_base_url(rq), "trace",
                                request_trace_id(rq), "header", header, "options", all));
}

static struct problem *nothing(struct request *rq, struct reply *rp)
{
    (void)rq;
    (void)rp;
    return NULL;
}

static struct problem *in_vain(struct request *rq, struct reply *rp)
{
    reply_header(rp, "Link", "</x>; rel=next");
    return problem_because(rq->arena, problem_new(rq->arena, &PROBLEM_CONFLICT, "it is not so"),
                           "secret");
}

static struct problem *big(struct request *rq, struct reply *rp)
{
    int64_t size;
    char piece[8192];
    if (!text_to_int64(request_path(rq, 0), &size))
        return problem_new(rq->arena, &PROBLEM_BAD_REQUEST, "not a number");
    for (size_t i = 0; i < sizeof piece; i++)
        piece[i] = (char)('a' + i % 26);
    TRY(reply_begin(rq, rp, 200, "text/plain"));
    while (size > 0) {
        size_t part = size < (int64_t)sizeof piece ? (size_t)size : sizeof piece;
        struct problem *problem = reply_write(rq, rp, piece, part);
        if (problem)
            hand_count(&hand.failed);
        TRY(problem);
        size -= (int64_t)part;
        atomic_fetch_add(&hand.written, (long long)part);
    }
    return NULL;
}

static struct problem *cut(struct request *rq, struct reply *rp)
{
    TRY(reply_begin(rq, rp, 200, "text/plain"));
    TRY(reply_write(rq, rp, "so far", 6));
    return problem_new(rq->arena, &PROBLEM_STORE, "the database went away");
}

static struct problem *fail_at_once(struct request *rq, struct reply *rp)
{
    TRY(reply_begin(rq, rp, 200, "text/plain"));
    return problem_new(rq->arena, &PROBLEM_STORE, "the database went away");
}

static struct problem *upload(struct request *rq, struct reply *rp)
{
    CLEANUP(digest_close_at) struct digest *digest = digest_open();
    unsigned char sum[DIGEST_BYTES];
    char data[20000];
    int64_t total = 0;
    for (size_t size = 1; size; total += (int64_t)size) {
        struct problem *problem = request_read(rq, data, sizeof data, &size);
        if (problem)
            hand_count(&hand.failed);
        TRY(problem);
        digest_add(digest, data, size);
    }
    digest_end(digest, sum);
    return reply_json(rq, rp, 201,
                      json_pack("{s:I, s:s}", "bytes", (json_int_t)total, "sha256",
                                arena_hex(rq->arena, sum, sizeof sum)));
}

/* Reads a little and refuses. */
static struct problem *picky(struct request *rq, struct reply *rp)
{
    (void)rp;
    char data[100];
    size_t size;
    TRY(request_read(rq, data, sizeof data, &size));
    return problem_new(rq->arena, &PROBLEM_CONTRACT, "row 5 is wrong");
}

static struct problem *document(struct request *rq, struct reply *rp)
{
    const char *text;
    size_t size;
    TRY(request_document(rq, &text, &size));
    return reply_text(rq, rp, 200, "text/plain", text, size);
}

static struct problem *hold(struct request *rq, struct reply *rp)
{
    pthread_mutex_lock(&hand.mutex);
    hand.holding++;
    pthread_cond_broadcast(&hand.changed);
    while (hand.held)
        pthread_cond_wait(&hand.changed, &hand.mutex);
    hand.holding--;
    pthread_mutex_unlock(&hand.mutex);
    return hello(rq, rp);
}

static struct problem *wait_for_event(struct request *rq, struct reply *rp)
{
    int event = atomic_load(&hand.event);
    if (!event && !reply_park_is_over(rq)) {
        int64_t wait_ms = PATIENCE_MS;
        const char *asked = request_option(rq, "ms");
        if (asked && !text_to_int64(asked, &wait_ms))
            return problem_new(rq->arena, &PROBLEM_BAD_QUERY, "not a number");
        TRY(reply_park(rq, rp, wait_ms));
        hand_count(&hand.parked);
        return NULL;
    }
    return reply_json(rq, rp, 200, json_pack("{s:i}", "event", event));
}

/* Tells each event it sees; 9 is the last one, 8 a fault. */
static struct problem *feed(struct request *rq, struct reply *rp)
{
    int event = atomic_load(&hand.event);
    char text[32];
    if (!rq->state)
        TRY(reply_feed_begin(rq, rp, 200, "text/event-stream"));
    rq->state = &hand;
    int size = snprintf(text, sizeof text, "%d%s\n", event, reply_is_stopping(rq) ? " bye" : "");
    TRY(reply_feed(rq, text, (size_t)size));
    if (event == 8)
        return problem_new(rq->arena, &PROBLEM_INTERNAL, "as asked");
    if (event == 9 || reply_is_stopping(rq)) {
        reply_feed_end(rq, rp);
        return NULL;
    }
    TRY(reply_park(rq, rp, PATIENCE_MS));
    hand_count(&hand.parked);
    return NULL;
}

/* Says more than is kept for one who cannot read it yet. */
static struct problem *flood(struct request *rq, struct reply *rp)
{
    static const char noise[64 * 1024];
    TRY(reply_feed_begin(rq, rp, 200, "text/event-stream"));
    for (int i = 0; i < 8; i++)
        TRY(reply_feed(rq, noise, sizeof noise));
    struct problem *problem = reply_feed(rq, noise, 1);
    if (problem)
        hand_count(&hand.failed);
    return problem;
}

/* Forgets to say what is next. */
static struct problem *feed_nothing(struct request *rq, struct reply *rp)
{
    return reply_feed_begin(rq, rp, 200, "text/event-stream");
}

static struct problem *until_gone(struct request *rq, struct reply *rp)
{
    hand_count(&hand.holding);
    for (int i = 0; i < PATIENCE_MS && !request_is_gone(rq); i++)
        (void)poll(NULL, 0, 1);
    if (!request_is_gone(rq))
        return hello(rq, rp);
    hand_count(&hand.failed);
    return problem_new(rq->arena, &PROBLEM_TIMEOUT, "nobody is there");
}

static struct problem *by_worker(struct request *rq, struct reply *rp)
{
    return reply_by_worker(rq, rp, hello);
}

static struct problem *control(struct request *rq, struct reply *rp)
{
    return reply_text(rq, rp, 200, "text/plain", "control\n", 8);
}

/* Sums up the numbers of the one column. */
static struct problem *sum_rows(struct request *rq, struct reply *rp, void *context,
                                struct problem *problem, const char *sqlstate,
                                const struct lane_rows *rows)
{
    (void)context;
    if (problem)
        reply_header(rp, "Retry-After", "%s", sqlstate);
    TRY(problem);
    int64_t sum = 0;
    for (size_t i = 0; i < lane_row_count(rows); i++) {
        struct db_value value = lane_value(rows, i, 0);
        uint64_t number = 0;
        for (int32_t byte = 0; byte < value.size; byte++)
            number = number << 8 | (unsigned char)value.data[byte];
        sum += (int64_t)number;
    }
    return reply_json(rq, rp, 200, json_pack("{s:I}", "sum", (json_int_t)sum));
}

static struct problem *send_rows(struct request *rq, struct reply *rp, const char *text,
                                 int64_t number, reply_finish *finish)
{
    struct db_param *param = arena_new_of(rq->arena, struct db_param);
    struct db_query *query = arena_new_of(rq->arena, struct db_query);
    *param = db_int64(number);
    *query = (struct db_query){ text, param, 1 };
    return reply_rows(rq, rp, query, finish, NULL);
}

static struct problem *rows(struct request *rq, struct reply *rp)
{
    int64_t count;
    if (!text_to_int64(request_path(rq, 0), &count))
        return problem_new(rq->arena, &PROBLEM_BAD_REQUEST, "not a number");
    return send_rows(rq, rp, "SELECT n FROM generate_series(1::bigint, $1) n", count, sum_rows);
}

static struct problem *rows_fail(struct request *rq, struct reply *rp)
{
    return send_rows(rq, rp, "SELECT 1 / ($1 - $1)", 5, sum_rows);
}

static struct problem *rows_sleep(struct request *rq, struct reply *rp)
{
    return send_rows(rq, rp, "SELECT $1 FROM pg_sleep(60)", 5, sum_rows);
}

static struct problem *worker_sum(struct request *rq, struct reply *rp)
{
    TRY(db_run(rq->db, rq->arena, "SELECT 1"));
    return hello(rq, rp);
}

static struct problem *then_worker(struct request *rq, struct reply *rp, void *context,
                                   struct problem *problem, const char *sqlstate,
                                   const struct lane_rows *none)
{
    (void)context;
    (void)sqlstate;
    (void)none;
    TRY(problem);
    return reply_by_worker(rq, rp, worker_sum);
}

static struct problem *then_wait(struct request *rq, struct reply *rp, void *context,
                                 struct problem *problem, const char *sqlstate,
                                 const struct lane_rows *none)
{
    (void)context;
    (void)sqlstate;
    (void)none;
    TRY(problem);
    if (!atomic_load(&hand.event)) {
        TRY(reply_park(rq, rp, PATIENCE_MS));
        hand_count(&hand.parked);
        return NULL;
    }
    return send_rows(rq, rp, "SELECT $1 + 1", 5, then_worker);
}

/* Rows, then a wait, then rows twice, then a worker. */
static struct problem *rows_and_all(struct request *rq, struct reply *rp)
{
    return send_rows(rq, rp, "SELECT $1", 1, then_wait);
}

static struct problem *work_sleep(struct request *rq, struct reply *rp)
{
    hand_count(&hand.holding);
    struct problem *problem = db_run(rq->db, rq->arena, "SELECT pg_sleep(60)");
    if (problem)
        hand_count(&hand.failed);
    TRY(problem);
    return hello(rq, rp);
}

/* Fails where a worker's connection is not as it is to be, with --heavy-timeout=7s. */
static struct problem *work_settings(struct request *rq, struct reply *rp)
{
    TRY(db_run(rq->db, rq->arena,
               "SELECT 1 / (current_setting('statement_timeout') = '7s'"
               " AND current_setting('max_parallel_workers_per_gather') = '0'"
               " AND current_setting('synchronize_seqscans') = 'off')::int"));
    return hello(rq, rp);
}

static struct problem *settings_by_stream(struct request *rq, struct reply *rp)
{
    return reply_by_stream(rq, rp, work_settings);
}

/* Leaves a transaction open, which the next on this worker must not find. */
static struct problem *untidy(struct request *rq, struct reply *rp)
{
    if (db_in_transaction(rq->db))
        return problem_new(rq->arena, &PROBLEM_INTERNAL, "there is a transaction already");
    TRY(db_begin(rq->db, rq->arena, false));
    return hello(rq, rp);
}

static const struct route routes[] = {
    { GET, "/hello", SCOPE_PUBLIC, READ, 0, hello, "a greeting" },
    { GET, "/tagged", SCOPE_PUBLIC, READ, 0, tagged, "text with an entity tag" },
    { GET, "/echo/{name}", SCOPE_PUBLIC, READ, 0, echo, "what was asked" },
    { GET, "/nothing", SCOPE_PUBLIC, READ, 0, nothing, "a handler with a bug" },
    { GET, "/nothing/work", SCOPE_PUBLIC, WORK, 0, nothing, "another" },
    { GET, "/in-vain", SCOPE_PUBLIC, READ, 0, in_vain, "a problem" },
    { GET, "/big/{size}", SCOPE_PUBLIC, WORK, ROUTE_STREAMS, big, "a stream" },
    { GET, "/cut", SCOPE_PUBLIC, WORK, ROUTE_STREAMS, cut, "a stream that breaks" },
    { GET, "/fail", SCOPE_PUBLIC, WORK, ROUTE_STREAMS, fail_at_once, "a stream that never was" },
    { POST, "/upload", SCOPE_PUBLIC, WORK, ROUTE_DELIVERY, upload, "its SHA-256" },
    { POST, "/picky", SCOPE_PUBLIC, WORK, ROUTE_DELIVERY, picky, "refused half-way" },
    { PUT, "/document", SCOPE_PUBLIC, WORK, ROUTE_DOCUMENT, document, "sent back" },
    { GET, "/hold", SCOPE_PUBLIC, WORK, 0, hold, "waits for the test" },
    { GET, "/wait", SCOPE_PUBLIC, READ, ROUTE_MAY_PARK, wait_for_event, "waits for an event" },
    { GET, "/feed", SCOPE_PUBLIC, READ, ROUTE_MAY_PARK, feed, "tells of events" },
    { GET, "/flood", SCOPE_PUBLIC, READ, ROUTE_MAY_PARK, flood, "tells too much" },
    { GET, "/feed-nothing", SCOPE_PUBLIC, READ, ROUTE_MAY_PARK, feed_nothing, "has a bug" },
    { GET, "/until-gone", SCOPE_PUBLIC, WORK, 0, until_gone, "waits for the client to go" },
    { GET, "/by-worker", SCOPE_PUBLIC, READ, 0, by_worker, "given to a worker" },
    { GET, "/secret", SCOPE_OUTPUT_READ, READ, 0, hello, "needs a token" },
    { GET, "/rows/{count}", SCOPE_PUBLIC, READ, 0, rows, "the sum of the first numbers" },
    { GET, "/rows-fail", SCOPE_PUBLIC, READ, 0, rows_fail, "a statement that fails" },
    { GET, "/rows-sleep", SCOPE_PUBLIC, READ, 0, rows_sleep, "a statement that takes long" },
    { GET, "/rows-and-all", SCOPE_PUBLIC, READ, ROUTE_MAY_PARK, rows_and_all, "one of each" },
    { GET, "/work-sleep", SCOPE_PUBLIC, WORK, 0, work_sleep, "a statement that takes long" },
    { GET, "/work-settings", SCOPE_PUBLIC, WORK, 0, work_settings, "a worker's connection" },
    { GET, "/stream-settings", SCOPE_PUBLIC, READ, 0, settings_by_stream, "that of a stream" },
    { GET, "/untidy", SCOPE_PUBLIC, WORK, 0, untidy, "leaves a transaction open" },
    { GET, "/refused", SCOPE_REFUSED, READ, 0, hello, "names no scope" },
};
static const struct route_set set = { "test", routes, COUNT(routes) };
const struct route_set *const test_sets[] = { &set, NULL };

static const struct route control_routes[] = {
    { GET, "/control", SCOPE_PUBLIC, READ, 0, control, "the control port" },
};
static const struct route_set control_set = { "control", control_routes, COUNT(control_routes) };
const struct route_set *const test_control_sets[] = { &control_set, NULL };
