#include "as_of.h"

#include "server/base/clock.h"
#include "server/formats/moment.h"
#include "server/formats/wire.h"
#include "sql.h"

#include <string.h>

/* Of Postgres, 2000-01-01, in microseconds since 1970. */
#define EPOCH_US INT64_C(946684800000000)

/* What is gone on with once the snapshot is known. */
struct waiting {
    const struct selection_ask *ask;
    const struct catalogue_datum *datum;
    as_of_then *then;
    void *context;
};

static struct problem *refuse(struct request *rq, const char *reason)
{
    struct problem *problem = problem_new(rq->arena, &PROBLEM_BAD_QUERY, "as_of %s", reason);
    problem_add_text(rq->arena, problem, "option", "as_of");
    return problem;
}

/* The clock of a client may be ahead of ours as far as that of an issuer may. */
static struct problem *read_time(struct request *rq, const char *text, int64_t *out_at)
{
    int64_t leeway = config_number(server_of(rq)->config, CONFIG_CLOCK_LEEWAY) * 1000;
    int64_t at;
    if (request_query_option(rq, "snapshot"))
        return refuse(rq, "and snapshot both say which snapshot is meant; give one of them");
    const char *wrong = moment_read_timestamp(text, strlen(text), &at);
    if (wrong)
        return refuse(rq, "must be a time such as 2026-11-20T17:31:04Z, or with an offset: +01:00");
    at += EPOCH_US;
    if (at > clock_now() + leeway)
        return refuse(rq, "lies in the future");
    *out_at = at;
    return NULL;
}

static struct problem *go_on(struct request *rq, struct reply *rp, const struct waiting *waiting,
                             int64_t number)
{
    struct selection *selection;
    struct selection_ask ask = *waiting->ask;
    ask.snapshot = arena_print(rq->arena, "%lld", (long long)number);
    ask.in_time = true;
    TRY(selection_make(rq, &ask, &selection));
    return waiting->then(rq, rp, selection, waiting->context);
}

static struct problem *finish(struct request *rq, struct reply *rp, void *context,
                              struct problem *problem, const char *sqlstate,
                              const struct lane_rows *rows)
{
    const struct waiting *waiting = context;
    const struct catalogue_datum *datum = waiting->datum;
    (void)sqlstate; /* nothing the client sent can make it fail */
    if (problem)
        return problem;
    if (!lane_row_count(rows))
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND,
                           "nothing had been published in %s by then", datum->name);
    int64_t number = (int64_t)wire_get64(lane_value(rows, 0, 0).data);
    bool is_kept = lane_value(rows, 0, 1).data[0] != 0;
    if (!is_kept)
        return selection_retired(rq, datum, number);
    if (!catalogue_snapshot(datum, number)) /* this moment, by another server */
        return problem_new(rq->arena, &PROBLEM_BUSY,
                           "snapshot %lld of %s has just been published and is not read yet",
                           (long long)number, datum->name);
    return go_on(rq, rp, waiting, number);
}

static struct problem *find(struct request *rq, struct reply *rp, const char *time,
                            struct waiting *waiting)
{
    struct access_decision decision;
    int64_t at;
    TRY(server_dataset(rq, CONTRACT_OF_OUTPUT, waiting->ask->dataset, ACCESS_READ, &waiting->datum,
                       &decision));
    TRY(read_time(rq, time, &at));
    struct db_param *in = arena_array_of(rq->arena, struct db_param, 2);
    in[0] = db_int64(waiting->datum->id);
    in[1] = db_time(at);
    const struct db_query query = { sql_snapshot_at.text, in, 2 };
    return reply_rows(rq, rp, &query, finish, waiting);
}

struct problem *as_of_select(struct request *rq, struct reply *rp, const struct selection_ask *ask,
                             as_of_then *then, void *context)
{
    const char *time = ask->snapshot ? NULL : request_query_option(rq, "as_of");
    if (time) {
        struct waiting *waiting = arena_new_of(rq->arena, struct waiting);
        *waiting = (struct waiting){ .ask = ask, .then = then, .context = context };
        return find(rq, rp, time, waiting);
    }
    struct selection *selection;
    TRY(selection_make(rq, ask, &selection));
    return then(rq, rp, selection, context);
}
