#include "event.h"

#include "run.h"
#include "server/base/buffer.h"
#include "server/base/clock.h"
#include "server/base/digest.h"
#include "server/base/text.h"
#include "sql.h"

#include <assert.h>
#include <string.h>

/* Between two looks at a run: at the least, also when much is told; at the most, since the progress
 * of a run is stored without telling. */
#define LOOK_LEAST_MS 200
#define LOOK_MOST_MS 1000

/* Those in between must not take a silent connection for a dead one. */
#define SILENCE_MOST_MS 15000

/* Each look leaves a little in the request's arena; the client comes again after this. */
#define FEED_MOST_MS (3600 * 1000)

/* The database may be away so often, one look after the other. */
#define FAILURES_MOST 20

#define ID_SIZE 16

/* One who follows a run; lives as long as the request. */
struct follower {
    struct db_param run;
    char seen[ID_SIZE + 1]; /* id of the last event */
    bool begun;
    int failures;
    int64_t began_ms;
    int64_t looked_ms;
    int64_t said_ms;
    int64_t ended_ms; /* when the end was first seen */
};

static struct problem *begin(struct request *rq, struct reply *rp, struct follower *follower)
{
    static const char first[] = "retry: 1000\n\n";
    reply_header(rp, "Cache-Control", "no-store");
    reply_header(rp, "X-Accel-Buffering", "no"); /* nginx would keep events back */
    TRY(reply_feed_begin(rq, rp, 200, "text/event-stream"));
    follower->begun = true;
    follower->began_ms = follower->said_ms = clock_monotonic_ms();
    return reply_feed(rq, first, strlen(first));
}

static struct problem *say(struct request *rq, struct follower *follower, const char *text,
                           size_t size)
{
    follower->said_ms = clock_monotonic_ms();
    return reply_feed(rq, text, size);
}

static struct problem *say_event(struct request *rq, struct follower *follower, bool ended,
                                 const char *data, size_t size)
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    buffer_print(&text, "id: %s\nevent: %s\n", follower->seen, ended ? "end" : "progress");
    for (const char *line = data, *end = data + size; line <= end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((stop ? stop : end) - line);
        buffer_add_text(&text, "data: ");
        buffer_add(&text, line, length);
        buffer_add_char(&text, '\n');
        line += length + 1;
    }
    buffer_add_char(&text, '\n');
    return say(rq, follower, text.data, text.size);
}

/* Nothing could be read: a feed that has begun goes on when the database is back. */
static struct problem *try_again(struct request *rq, struct reply *rp, struct follower *follower,
                                 struct problem *problem)
{
    if (!follower->begun || ++follower->failures > FAILURES_MOST)
        return problem;
    return reply_park(rq, rp, LOOK_MOST_MS);
}

/* Has the document another id than the one told last? Takes it over. */
static bool is_news(struct follower *follower, struct db_value document)
{
    unsigned char sum[DIGEST_BYTES];
    char id[ID_SIZE + 1];
    digest_sha256(document.data, (size_t)document.size, sum);
    text_hex(sum, ID_SIZE / 2, id);
    if (strcmp(id, follower->seen) == 0)
        return false;
    memcpy(follower->seen, id, sizeof id);
    return true;
}

static struct problem *tell(struct request *rq, struct reply *rp, struct follower *follower,
                            bool ended, struct db_value document)
{
    static const char still[] = ": still here\n\n";
    bool news = is_news(follower, document);
    if (!follower->begun && ended && !news)
        return reply_empty(rq, rp, 204); /* a browser does not come again after it */
    if (!follower->begun && rq->method == HEAD)
        return reply_head(rq, rp, 200, "text/event-stream");
    if (!follower->begun)
        TRY(begin(rq, rp, follower));
    if (news)
        TRY(say_event(rq, follower, ended, document.data, (size_t)document.size));
    else if (follower->looked_ms - follower->said_ms >= SILENCE_MOST_MS)
        TRY(say(rq, follower, still, strlen(still)));
    if (!ended)
        return reply_park(rq, rp, LOOK_MOST_MS);
    reply_feed_end(rq, rp);
    return NULL;
}

static struct problem *looked(struct request *rq, struct reply *rp, void *context,
                              struct problem *problem, const char *sqlstate,
                              const struct lane_rows *rows)
{
    struct follower *follower = context;
    (void)sqlstate;
    follower->looked_ms = clock_monotonic_ms();
    if (!problem && !lane_row_count(rows))
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "there is no run %s",
                           request_path(rq, 0));
    if (problem)
        return try_again(rq, rp, follower, problem);
    follower->failures = 0;
    bool ended = lane_value(rows, 0, 0).data[0] != 0;
    if (ended && !follower->ended_ms)
        follower->ended_ms = follower->looked_ms;
    if (ended && !run_is_seen(rq, rows) && !reply_is_stopping(rq)
        && follower->looked_ms - follower->ended_ms < RUN_SEEN_WITHIN_MS)
        return reply_park(rq, rp, LOOK_LEAST_MS);
    return tell(rq, rp, follower, ended, lane_value(rows, 0, 2));
}

static struct problem *find_run(struct request *rq, struct follower **out_follower)
{
    static const char *const known[] = { NULL };
    int64_t id;
    struct follower *follower = arena_new_of(rq->arena, struct follower);
    const char *seen = request_header(rq, "Last-Event-ID");
    TRY(server_known_options(rq, known));
    if (!text_to_int64(request_path(rq, 0), &id))
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "there is no run %s",
                           request_path(rq, 0));
    if (seen && strlen(seen) == ID_SIZE)
        memcpy(follower->seen, seen, ID_SIZE);
    follower->run = db_int64(id);
    *out_follower = follower;
    return NULL;
}

struct problem *event_get_all(struct request *rq, struct reply *rp)
{
    struct follower *follower = rq->state;
    int64_t now_ms = clock_monotonic_ms();
    if (!follower)
        TRY(find_run(rq, &follower));
    assert(follower);
    rq->state = follower;
    if (follower->begun && (reply_is_stopping(rq) || now_ms - follower->began_ms > FEED_MOST_MS)) {
        static const char again[] = ": come again\n\n";
        TRY(say(rq, follower, again, strlen(again)));
        reply_feed_end(rq, rp);
        return NULL;
    }
    if (follower->begun && now_ms - follower->looked_ms < LOOK_LEAST_MS)
        return reply_park(rq, rp, LOOK_LEAST_MS - (now_ms - follower->looked_ms));
    const struct db_query query = { sql_run_get.text, &follower->run, 1 };
    return reply_rows(rq, rp, &query, looked, follower);
}
