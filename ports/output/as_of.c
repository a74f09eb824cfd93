#include "as_of.h"

#include "server/base/clock.h"
#include "server/formats/moment.h"
#include "server/formats/wire.h"
#include "server/rows/rows.h"
#include "sql.h"

#include <string.h>

/* Of Postgres, 2000-01-01, in microseconds since 1970. */
#define EPOCH_US INT64_C(946684800000000)

static struct problem *refuse(struct request *rq, const char *reason)
{
    struct problem *problem = problem_new(rq->arena, &PROBLEM_BAD_QUERY, "as_of %s", reason);
    problem_add_text(rq->arena, problem, "option", "as_of");
    return problem;
}

/* The clock of a client may be ahead of ours as far as that of an issuer may. */
static struct problem *read_time(struct request *rq, int64_t *out_at)
{
    const char *text = request_option(rq, "as_of");
    int64_t leeway = config_number(server_of(rq)->config, CONFIG_CLOCK_LEEWAY) * 1000;
    int64_t at;
    if (request_option(rq, "snapshot"))
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

static struct problem *answer_rows(struct request *rq, struct reply *rp,
                                   const struct catalogue_datum *datum, int64_t number)
{
    struct selection *selection;
    const struct selection_ask ask = {
        .dataset = datum->name,
        .root = "/output",
        .snapshot = arena_print(rq->arena, "%lld", (long long)number),
        .in_time = true,
    };
    TRY(selection_make(rq, &ask, &selection));
    return rows_answer(rq, rp, selection);
}

static struct problem *finish(struct request *rq, struct reply *rp, void *context,
                              struct problem *problem, const char *sqlstate,
                              const struct lane_rows *rows)
{
    const struct catalogue_datum *datum = context;
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
    return answer_rows(rq, rp, datum, number);
}

struct problem *as_of_answer(struct request *rq, struct reply *rp)
{
    const struct catalogue_datum *datum;
    struct access_decision decision;
    int64_t at;
    TRY(server_dataset(rq, CONTRACT_OF_OUTPUT, request_path(rq, 0), ACCESS_READ, &datum,
                       &decision));
    TRY(read_time(rq, &at));
    struct db_param *in = arena_array_of(rq->arena, struct db_param, 2);
    in[0] = db_int64(datum->id);
    in[1] = db_time(at);
    const struct db_query query = { sql_snapshot_at.text, in, 2 };
    return reply_rows(rq, rp, &query, finish, (void *)(uintptr_t)datum);
}
