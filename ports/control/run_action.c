#include "run_action.h"

#include "server/base/text.h"
#include "server/operate/runner.h"
#include "server/pipeline/publish.h"
#include "sql.h"

static const char *href_of(struct request *rq, int64_t id)
{
    return arena_print(rq->arena, "%s/control/runs/%lld", request_base_url(rq), (long long)id);
}

static struct problem *answer(struct request *rq, struct reply *rp, int status, int64_t id,
                              const char *state)
{
    const char *href = href_of(rq, id);
    reply_header(rp, "Location", "%s", href);
    return reply_json(
        rq, rp, status,
        json_pack("{s:I, s:s, s:s}", "id", (json_int_t)id, "state", state, "href", href));
}

struct problem *run_post_cancel(struct request *rq, struct reply *rp)
{
    int64_t id;
    const char *state = NULL;
    bool found = false;
    bool told;
    if (text_to_int64(request_path(rq, 0), &id)) {
        const struct db_param in[] = { db_int64(id) };
        const struct db_column out[] = { db_to_text(&state), db_to_bool(&told) };
        TRY(db_maybe(rq->db, rq->arena, &sql_run_cancel, in, COUNT(in), out, COUNT(out), &found));
    }
    if (!found)
        return problem_new(rq->arena, &PROBLEM_CONFLICT,
                           "run %s is not there, or has ended already", request_path(rq, 0));
    return answer(rq, rp, 202, id, state);
}

struct problem *run_post_retry(struct request *rq, struct reply *rp)
{
    int64_t id;
    int64_t new_id = 0;
    bool found = false;
    bool told;
    if (text_to_int64(request_path(rq, 0), &id)) {
        const struct db_param in[] = { db_int64(id), db_text(server_subject(rq)) };
        const struct db_column out[] = { db_to_int64(&new_id), db_to_bool(&told) };
        TRY(db_maybe(rq->db, rq->arena, &sql_run_retry, in, COUNT(in), out, COUNT(out), &found));
    }
    if (!found)
        return problem_new(rq->arena, &PROBLEM_CONFLICT,
                           "run %s is not there, or has not failed: only runs that failed, were "
                           "cancelled or superseded are repeated",
                           request_path(rq, 0));
    runner_wake(server_of(rq)->runner);
    return answer(rq, rp, 202, new_id, "queued");
}

struct problem *run_post_publish(struct request *rq, struct reply *rp)
{
    int64_t id;
    bool published = false;
    if (text_to_int64(request_path(rq, 0), &id))
        TRY(publish_staged(rq->db, rq->arena, id, server_subject(rq), &published));
    if (!published)
        return problem_new(rq->arena, &PROBLEM_CONFLICT,
                           "run %s is not there, or has staged nothing", request_path(rq, 0));
    TRY(server_refresh(rq));
    return answer(rq, rp, 200, id, "published");
}
