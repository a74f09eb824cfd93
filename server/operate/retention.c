#include "retention.h"

#include "server/base/clock.h"
#include "server/model/relation.h"
#include "sql.h"

#include <string.h>

struct segment_list {
    struct arena *arena;
    int64_t id;
    int64_t *ids;
    size_t count;
};

static struct problem *note_segment(void *context)
{
    struct segment_list *list = context;
    list->ids = arena_grown(list->arena, list->ids, list->count, sizeof *list->ids);
    list->ids[list->count++] = list->id;
    return NULL;
}

static struct problem *tell(struct db *db, struct arena *arena)
{
    int64_t revision;
    bool told;
    const struct db_column bump[] = { db_to_int64(&revision), db_to_bool(&told) };
    return db_one(db, arena, &sql_catalogue_bump, NULL, 0, bump, COUNT(bump));
}

struct dropping {
    int64_t id;
    bool gone;
};

static struct problem *drop_segment(struct db *db, struct arena *arena, void *context)
{
    struct dropping *dropping = context;
    int64_t id;
    int64_t snapshots;
    const struct db_param in[] = { db_int64(dropping->id) };
    const struct db_column out[] = { db_to_int64(&id), db_to_int64(&snapshots) };
    /* a plain DROP would wait behind a reader of this table, and new readers behind it */
    TRY(db_run(db, arena, "SET LOCAL lock_timeout = '50ms'"));
    TRY(db_maybe(db, arena, &sql_segment_dropped, in, COUNT(in), out, COUNT(out), &dropping->gone));
    if (!dropping->gone)
        return NULL;
    if (snapshots) /* every server forgets them, and what it keeps of them */
        TRY(tell(db, arena));
    return db_run(
        db, arena,
        arena_print(arena, "DROP TABLE IF EXISTS %s", relation_segment(arena, dropping->id)));
}

struct problem *retention_collect(struct db *db, struct arena *arena, int64_t retired_before_at,
                                  int64_t failed_before_at, int64_t *out_dropped)
{
    struct segment_list list = { .arena = arena };
    const struct db_param in[] = { db_time(retired_before_at), db_time(failed_before_at) };
    const struct db_column out[] = { db_to_int64(&list.id) };
    int64_t dropped = 0;
    TRY(db_each(db, arena, &sql_segments_to_drop, in, COUNT(in), out, COUNT(out), note_segment,
                &list));
    for (size_t i = 0; i < list.count; i++) {
        struct dropping dropping = { list.ids[i], false };
        struct problem *problem = db_transact(db, arena, drop_segment, &dropping);
        if (!problem)
            dropped += dropping.gone;
        else if (strcmp(db_sqlstate(db), "55P03") != 0) /* still read: the next round tries again */
            return problem;
    }
    *out_dropped = dropped;
    return NULL;
}

/* The retention of the current pipeline that makes a dataset; none where nothing makes it. */
static struct pipeline_retention retention_of(const struct catalogue *catalogue,
                                              const struct catalogue_datum *datum)
{
    for (size_t i = 0; i < catalogue->pipeline_count; i++) {
        const struct pipeline_document *document = &catalogue->pipelines[i].document;
        for (size_t k = 0; catalogue->pipelines[i].is_current && k < document->step_count; k++)
            if (document->steps[k].output && strcmp(document->steps[k].output, datum->name) == 0)
                return document->retention;
    }
    return (struct pipeline_retention){ 0 };
}

struct counted {
    int64_t number;
    int64_t count;
};

static struct problem *count_row(void *context)
{
    ((struct counted *)context)->count++;
    return NULL;
}

static struct problem *retire(struct db *db, struct arena *arena, const struct catalogue *catalogue,
                              const struct config *config, int64_t *out_retired)
{
    struct counted retired = { 0 };
    for (size_t i = 0; i < catalogue->datum_count; i++) {
        const struct catalogue_datum *datum = &catalogue->datums[i];
        if (datum->use != CONTRACT_OF_OUTPUT)
            continue;
        struct pipeline_retention keep = retention_of(catalogue, datum);
        const struct db_param in[] = {
            db_int64(datum->id),
            db_int64(keep.snapshots ? keep.snapshots
                                    : config_number(config, CONFIG_KEEP_SNAPSHOTS)),
            db_int64(keep.days),
        };
        const struct db_column out[] = { db_to_int64(&retired.number) };
        TRY(db_each(db, arena, &sql_snapshots_retire, in, COUNT(in), out, COUNT(out), count_row,
                    &retired));
    }
    *out_retired = retired.count;
    return NULL;
}

struct retiring {
    const struct catalogue *catalogue;
    const struct config *config;
    int64_t retired;
};

/* Readers are told with the same commit that the snapshots are gone. */
static struct problem *retire_and_tell(struct db *db, struct arena *arena, void *context)
{
    struct retiring *retiring = context;
    TRY(retire(db, arena, retiring->catalogue, retiring->config, &retiring->retired));
    return retiring->retired ? tell(db, arena) : NULL;
}

struct problem *retention_retire(struct db *db, struct arena *arena,
                                 const struct catalogue *catalogue, const struct config *config,
                                 int64_t *out_retired)
{
    struct retiring retiring = { catalogue, config, 0 };
    TRY(db_transact(db, arena, retire_and_tell, &retiring));
    *out_retired = retiring.retired;
    return NULL;
}

static struct problem *forget(struct db *db, struct arena *arena, int64_t before_at,
                              int64_t *out_forgotten)
{
    const struct db_param in[] = { db_time(before_at) };
    struct counted forgotten = { 0 };
    const struct db_column out[] = { db_to_int64(&forgotten.number) };
    TRY(db_none(db, arena, &sql_snapshots_forget, in, COUNT(in)));
    TRY(db_each(db, arena, &sql_runs_forget, in, COUNT(in), out, COUNT(out), count_row,
                &forgotten));
    TRY(db_none(db, arena, &sql_segments_forget, NULL, 0));
    *out_forgotten = forgotten.count;
    return NULL;
}

struct problem *retention_apply(struct db *db, struct arena *arena,
                                const struct catalogue *catalogue, const struct config *config,
                                struct retention_done *out_done)
{
    int64_t now = clock_now();
    struct retention_done done = { 0 };
    TRY(retention_retire(db, arena, catalogue, config, &done.retired));
    TRY(retention_collect(db, arena, now - config_number(config, CONFIG_RETIRE_GRACE) * 1000,
                          now - config_number(config, CONFIG_KEEP_FAILED) * 1000, &done.dropped));
    TRY(forget(db, arena, now - config_number(config, CONFIG_RUN_HISTORY) * 1000, &done.forgotten));
    *out_done = done;
    return NULL;
}
