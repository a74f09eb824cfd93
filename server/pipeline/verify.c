/* The rows of a run's outputs, checked before anybody can see them. */
#include "append.h"
#include "run_parts.h"

#include "server/model/relation.h"
#include "sql.h"

#include <string.h>

static struct problem *not_unique(struct run *run, const struct output_pin *output,
                                  const char *columns, const struct problem *why)
{
    return problem_because(run->arena,
                           problem_new(run->arena, &PROBLEM_CONTRACT,
                                       "step %s: the rows of %s break its contract: there are rows "
                                       "with the same value of %s, which must be unique",
                                       output->step->name, output->datum->name, columns),
                           "%s", why->cause ? why->cause : why->detail);
}

/* Build an index that must be unique; which columns are not is what the author must hear. */
static struct problem *add_index(struct run *run, const struct output_pin *output, const char *sql,
                                 const char *columns)
{
    struct db *db = run->services->owner;
    struct problem *problem = db_run(db, run->arena, sql);
    if (!problem || strncmp(db_sqlstate(db), "23", 2) != 0)
        return problem;
    return not_unique(run, output, columns, problem);
}

/* Uniqueness is what Postgres finds when it builds the indexes that are wanted for reading anyway.
 */
static struct problem *add_indexes(struct run *run, const struct output_pin *output,
                                   int64_t segment_id)
{
    struct arena *arena = run->arena;
    const struct contract *contract = output->datum->contract;
    if (contract->key.count)
        TRY(add_index(run, output, relation_add_key(arena, segment_id, &contract->key),
                      relation_column_list(arena, &contract->key)));
    for (size_t i = 0; i < contract->columns.count; i++) {
        const struct column *column = &contract->columns.list[i];
        bool is_key = contract->key.count == 1 && column->key_position;
        if (column->unique && !is_key)
            TRY(add_index(run, output, relation_add_unique(arena, segment_id, column),
                          column->name));
    }
    return NULL;
}

static struct problem *verify(struct run *run, const struct output_pin *output)
{
    struct db *db = run->services->owner;
    const struct made *made = &run->made[run_place(run, output)];
    if (output->step->mode == PIPELINE_APPEND)
        TRY(append_check(run, output, made));
    if (made->has_indexes)
        return NULL;
    TRY(db_begin(db, run->arena, false));
    TRY(add_indexes(run, output, made->segment_id));
    return db_commit(db, run->arena);
}

struct problem *run_verify(struct run *run)
{
    for (size_t i = 0; i < run->pins.output_count; i++) {
        run_watch_show(run->watch, run->services->owner);
        struct problem *problem = run_watch_problem(run->watch, run->arena);
        if (!problem)
            problem = verify(run, &run->pins.outputs[i]);
        run_watch_show(run->watch, NULL);
        TRY(problem);
    }
    return NULL;
}
