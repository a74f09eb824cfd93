#include "instant.h"

#include "server/formats/moment.h"

#include <string.h>

#define SECONDS_TO_2000 INT64_C(946684800) /* moments count from 2000, instants from 1970 */

static struct problem *read_time(struct request *rq, const char *name, const char *text,
                                 int64_t *out_at)
{
    int64_t since_2000;
    if (moment_read_timestamp(text, strlen(text), &since_2000))
        return problem_new(rq->arena, &PROBLEM_BAD_QUERY,
                           "%s must be a timestamp such as 2026-01-31T12:30:00Z", name);
    *out_at = since_2000 + SECONDS_TO_2000 * 1000000;
    return NULL;
}

struct problem *instant_snapshot_at(struct request *rq, const struct catalogue_datum *datum,
                                    const char *name, const char *text,
                                    const struct catalogue_snapshot **out_snapshot)
{
    int64_t at;
    TRY(read_time(rq, name, text, &at));
    for (size_t i = datum->snapshot_count; i-- > 0;)
        if (datum->snapshots[i].published_at <= at)
            return *out_snapshot = &datum->snapshots[i], NULL;
    return problem_new(rq->arena, &PROBLEM_BAD_QUERY,
                       "%s is before the first version of %s that is kept", name, datum->name);
}

struct problem *instant_snapshot_from(struct request *rq, const struct catalogue_datum *datum,
                                      const char *name, const char *text,
                                      const struct catalogue_snapshot **out_snapshot)
{
    int64_t at;
    TRY(read_time(rq, name, text, &at));
    for (size_t i = 0; i < datum->snapshot_count; i++)
        if (datum->snapshots[i].published_at >= at && !datum->snapshots[i].retired)
            return *out_snapshot = &datum->snapshots[i], NULL;
    return problem_new(rq->arena, &PROBLEM_BAD_QUERY, "%s is after the last version of %s", name,
                       datum->name);
}
