/* A step of a run: its table, made in one transaction, or taken up from an earlier run. */
#include "run_parts.h"

#include "estimate.h"
#include "server/base/buffer.h"
#include "server/model/relation.h"
#include "sql.h"
#include "transfer.h"

#include <string.h>

static int64_t lower(int64_t own, int64_t server)
{
    return own && own < server ? own : server;
}

static struct transfer_limits limits_of(const struct run *run)
{
    const struct config *config = run->services->config;
    const struct pipeline_limits *limits = &run->document.limits;
    return (struct transfer_limits){
        lower(limits->rows, config_number(config, CONFIG_RUN_ROWS)),
        lower(limits->bytes, config_number(config, CONFIG_RUN_BYTES)),
        lower(limits->timeout_s * 1000, config_number(config, CONFIG_RUN_TIMEOUT)),
        limits->temp_mb,
    };
}

/* The columns of a private step's table, and their list, from what Postgres said they are. */
static const char *create_private(struct arena *arena, int64_t segment_id,
                                  const struct step_meaning *meaning, const char **out_list)
{
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    CLEANUP(buffer_clear) struct buffer list = { 0 };
    buffer_print(&sql, "CREATE TABLE %s (", relation_segment(arena, segment_id));
    for (size_t i = 0; i < meaning->column_count; i++) {
        const char *name = db_identifier(arena, meaning->columns[i].name);
        buffer_print(&sql, "%s%s %s", i ? ", " : "", name, meaning->columns[i].type);
        buffer_print(&list, "%s%s", i ? ", " : "", name);
    }
    buffer_add_char(&sql, ')');
    *out_list = arena_copy(arena, list.data, list.size);
    return arena_copy(arena, sql.data, sql.size);
}

static const char *create_table(struct arena *arena, int64_t segment_id,
                                const struct step_meaning *meaning, const char **out_list)
{
    const struct columns *columns = meaning->target.bind.columns;
    if (!columns)
        return create_private(arena, segment_id, meaning, out_list);
    *out_list = relation_column_list(arena, columns);
    return relation_create_segment(arena, segment_id, columns);
}

static struct problem *fill_table(struct run *run, size_t place, struct made *made)
{
    struct arena *arena = run->arena;
    struct db *db = run->services->owner;
    const char *name = run->document.steps[place].name;
    const char *list;
    struct transfer_result result;
    struct transfer_limits limits = limits_of(run);
    const struct db_param maker[] = { db_int64(run->job->id) };
    const struct db_column out[] = { db_to_int64(&made->segment_id) };
    TRY(db_one(db, arena, &sql_segment_add, maker, COUNT(maker), out, COUNT(out)));
    const struct db_param begin[] = { db_int64(run->job->id), db_int32((int32_t)place + 1),
                                      db_text(name), db_text(run->step_fingerprints[place]),
                                      db_int64(made->segment_id) };
    TRY(db_none(db, arena, &sql_step_begin, begin, COUNT(begin)));
    TRY(db_run(db, arena, create_table(arena, made->segment_id, &run->meanings[place], &list)));
    TRY(transfer_rows(arena, db, run->services->pipeline_conninfo, name,
                      run->meanings[place].select, relation_segment(arena, made->segment_id), list,
                      &limits, run->watch, &result));
    TRY(db_run(db, arena, relation_open_segment(arena, made->segment_id)));
    const struct db_param filled[] = { db_int64(made->segment_id), db_int64(result.rows) };
    TRY(db_none(db, arena, &sql_segment_filled, filled, COUNT(filled)));
    const struct db_param done[] = { begin[0], begin[1], db_int64(result.rows),
                                     db_int64(result.bytes), db_text(result.sha256) };
    made->rows = result.rows;
    made->bytes = result.bytes;
    made->sha256 = result.sha256;
    return db_none(db, arena, &sql_step_done, done, COUNT(done));
}

static struct problem *take_up(struct run *run, size_t place, bool *out_found)
{
    struct made *made = &run->made[place];
    const struct db_param in[] = { db_int64(run->job->id), db_int32((int32_t)place + 1),
                                   db_text(run->document.steps[place].name),
                                   db_text(run->step_fingerprints[place]) };
    const struct db_column out[] = { db_to_int64(&made->segment_id), db_to_int64(&made->rows),
                                     db_to_int64(&made->bytes), db_to_text(&made->sha256) };
    return db_maybe(run->services->owner, run->arena, &sql_step_reuse, in, COUNT(in), out,
                    COUNT(out), out_found);
}

/* Later steps read the table as a SELECT of all its columns. */
static void show_table(struct run *run, size_t place)
{
    const char *table = relation_segment(run->arena, run->made[place].segment_id);
    run->tables[place] = table;
    run->selects[place] = arena_print(run->arena, "SELECT * FROM %s", table);
}

/* A pipeline may say how much work it is meant to be. */
static struct problem *check_cost(struct run *run, size_t place)
{
    int64_t most = run->document.limits.cost;
    const char *name = run->document.steps[place].name;
    struct estimate estimate;
    if (!most)
        return NULL;
    TRY(estimate_select(run->arena, run->services->pipeline_conninfo, name,
                        run->meanings[place].select, &estimate));
    if (estimate.cost <= (double)most)
        return NULL;
    return problem_new(
        run->arena, &PROBLEM_CONFLICT,
        "step %s: Postgres estimates a cost of %.0f, more than %lld, the limit of this "
        "pipeline",
        name, estimate.cost, (long long)most);
}

struct problem *run_make_step(struct run *run, size_t place)
{
    struct db *db = run->services->owner;
    const struct steps_scope scope = { &run->document, run->steps,     &run->pins,
                                       run->row,       run->row_count, run->selects };
    bool found;
    atomic_store(&run->watch->step, run->document.steps[place].name);
    TRY(run_watch_problem(run->watch, run->arena));
    /* what runs now is what is looked at now: lists and tables may have changed since it was stored
     */
    TRY(check_step(db, run->arena, &scope, run->tables, run->as_of, place, &run->meanings[place]));
    step_lineages_add(&run->lineages, place, &run->meanings[place]);
    TRY(take_up(run, place, &found));
    if (!found) {
        TRY(check_cost(run, place));
        TRY(db_begin(db, run->arena, false));
        TRY(fill_table(run, place, &run->made[place]));
        TRY(db_commit(db, run->arena));
    }
    show_table(run, place);
    return NULL;
}
