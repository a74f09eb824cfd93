/* The end of a run: its snapshots, the pointers and its last state, in one short transaction. */
#include "publish.h"

#include "append.h"
#include "run_parts.h"
#include "server/model/relation.h"
#include "sql.h"

#include <stdlib.h>
#include <string.h>

/* What a snapshot will be made of: collected before the transaction, so that it is short. */
struct coming {
    const struct output_pin *output;
    const int64_t *segments;
    size_t segment_count;
    int64_t rows;
    int64_t bytes;
    const char *sha256;
};

/* Nothing to append: the dataset is as it was, and its readers need not look again. */
static bool adds_nothing(const struct run *run, const struct output_pin *output)
{
    return output->step->mode == PIPELINE_APPEND && output->current
           && run->made[run_place(run, output)].rows == 0;
}

static struct problem *gather(struct run *run, const struct output_pin *output,
                              struct coming *coming)
{
    const struct made *made = &run->made[run_place(run, output)];
    *coming =
        (struct coming){ output, &made->segment_id, 1, made->rows, made->bytes, made->sha256 };
    if (output->step->mode != PIPELINE_APPEND)
        return NULL;
    struct appended appended;
    TRY(append_segments(run, output, made, &appended));
    coming->segments = appended.segments;
    coming->segment_count = appended.segment_count;
    coming->rows = appended.rows;
    coming->bytes = appended.bytes;
    coming->sha256 = appended.sha256;
    return NULL;
}

static struct problem *add_snapshot(struct run *run, const struct coming *coming, int64_t *out_id)
{
    struct db *db = run->services->owner;
    const struct catalogue_datum *datum = coming->output->datum;
    int64_t number;
    for (size_t i = 0; i < coming->segment_count; i++)
        TRY(db_run(db, run->arena, relation_publish_segment(run->arena, coming->segments[i])));
    const struct db_param in[] = {
        db_int64(datum->id),
        db_int64(datum->contract_key),
        db_int64(run->flow_id),
        db_int64(run->job->id),
        db_int64(coming->rows),
        db_int64(coming->bytes),
        db_text(coming->sha256),
        coming->output->current ? db_int64(coming->output->current) : db_null(DB_INT64),
        db_int64s(coming->segments, coming->segment_count),
    };
    const struct db_column out[] = { db_to_int64(out_id), db_to_int64(&number) };
    TRY(db_one(db, run->arena, &sql_snapshot_add, in, COUNT(in), out, COUNT(out)));
    return lineage_store(db, run->arena, *out_id,
                         &run->lineages.list[run_place(run, coming->output)], run->lineages.inputs,
                         run->lineages.input_count);
}

struct problem *publish_snapshot(struct db *db, struct arena *arena, int64_t snapshot_id,
                                 int64_t run_id, const char *subject, bool *out_published)
{
    int64_t datum_id;
    int64_t number;
    const struct db_param in[] = { db_int64(snapshot_id), db_int64(run_id), db_text(subject) };
    const struct db_column out[] = { db_to_int64(&datum_id), db_to_int64(&number) };
    return db_maybe(db, arena, &sql_snapshot_publish, in, COUNT(in), out, COUNT(out),
                    out_published);
}

struct problem *publish_told(struct db *db, struct arena *arena)
{
    int64_t number;
    bool told;
    const struct db_column out[] = { db_to_int64(&number), db_to_bool(&told) };
    return db_one(db, arena, &sql_catalogue_bump, NULL, 0, out, COUNT(out));
}

/* In the order of their datasets, so that two runs never wait for each other. */
static int by_datum(const void *left, const void *right)
{
    int64_t a = ((const struct coming *)left)->output->datum->id;
    int64_t b = ((const struct coming *)right)->output->datum->id;
    return (a > b) - (a < b);
}

static struct problem *publish_all(struct run *run, const struct coming *coming, size_t count)
{
    struct arena *arena = run->arena;
    struct db *db = run->services->owner;
    bool ours;
    for (size_t i = 0; i < count; i++) {
        int64_t id;
        bool published = true;
        TRY(add_snapshot(run, &coming[i], &id));
        if (run->job->publish)
            TRY(publish_snapshot(db, arena, id, run->job->id, run->job->subject, &published));
        if (!published) {
            run->state = "superseded";
            return problem_new(arena, &PROBLEM_CONFLICT,
                               "another run has published %s since this one began; run it again",
                               coming[i].output->datum->name);
        }
        run->rows += coming[i].rows;
        run->bytes += coming[i].bytes;
    }
    if (count)
        TRY(publish_told(db, arena));
    const char *state = !count ? "reused" : run->job->publish ? "published" : "staged";
    TRY(run_store_end(run, state, NULL, &ours));
    return ours ? NULL
                : problem_new(arena, &PROBLEM_CONFLICT, "the run was taken by another server");
}

struct problem *run_publish(struct run *run)
{
    size_t count = 0;
    struct coming *coming = arena_array_of(run->arena, struct coming, run->pins.output_count + 1);
    for (size_t i = 0; i < run->pins.output_count; i++)
        if (!adds_nothing(run, &run->pins.outputs[i]))
            TRY(gather(run, &run->pins.outputs[i], &coming[count++]));
    qsort(coming, count, sizeof *coming, by_datum);
    TRY(db_begin(run->services->owner, run->arena, false));
    TRY(publish_all(run, coming, count));
    return db_commit(run->services->owner, run->arena);
}

struct promotion {
    int64_t run_id;
    const char *subject;
    int64_t *snapshots;
    size_t snapshot_count;
    int64_t snapshot_id, datum_id, number;
    struct arena *arena;
    bool promoted;
};

static struct problem *note_snapshot(void *context)
{
    struct promotion *promotion = context;
    promotion->snapshots = arena_grown(promotion->arena, promotion->snapshots,
                                       promotion->snapshot_count, sizeof *promotion->snapshots);
    promotion->snapshots[promotion->snapshot_count++] = promotion->snapshot_id;
    return NULL;
}

static struct problem *promote(struct db *db, struct arena *arena, void *context)
{
    struct promotion *promotion = context;
    int64_t id;
    bool told;
    const struct db_param in[] = { db_int64(promotion->run_id) };
    const struct db_column moved[] = { db_to_int64(&id), db_to_bool(&told) };
    const struct db_column staged[] = { db_to_int64(&promotion->snapshot_id),
                                        db_to_int64(&promotion->datum_id),
                                        db_to_int64(&promotion->number) };
    promotion->snapshot_count = 0;
    TRY(db_maybe(db, arena, &sql_run_promoted, in, COUNT(in), moved, COUNT(moved),
                 &promotion->promoted));
    if (!promotion->promoted)
        return NULL;
    TRY(db_each(db, arena, &sql_snapshot_staged, in, COUNT(in), staged, COUNT(staged),
                note_snapshot, promotion));
    for (size_t i = 0; i < promotion->snapshot_count; i++) {
        bool published;
        TRY(publish_snapshot(db, arena, promotion->snapshots[i], promotion->run_id,
                             promotion->subject, &published));
        if (!published)
            return problem_new(arena, &PROBLEM_CONFLICT,
                               "another run has published since run %lld was staged; run the "
                               "pipeline again",
                               (long long)promotion->run_id);
    }
    if (!promotion->snapshot_count)
        return problem_new(arena, &PROBLEM_CONFLICT,
                           "the staged snapshots of run %lld were retired; run the pipeline again",
                           (long long)promotion->run_id);
    return publish_told(db, arena);
}

struct problem *publish_staged(struct db *db, struct arena *arena, int64_t run_id,
                               const char *subject, bool *out_published)
{
    struct promotion promotion = { .run_id = run_id, .subject = subject, .arena = arena };
    TRY(db_transact(db, arena, promote, &promotion));
    *out_published = promotion.promoted;
    return NULL;
}
