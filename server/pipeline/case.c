#include "case.h"

#include "server/base/buffer.h"
#include "server/db/stream.h"

#include <string.h>

#define MOST_ROWS 10 /* told of one test */
#define AS_OF "2000-01-01T00:00:00Z"

CLEANUP_DEFINE(struct db *, db_close)

/* A test on its way to a statement. */
struct casing {
    struct arena *arena;
    const struct pipeline_document *document;
    const struct pipeline_meaning *meaning;
    const struct pipeline_case *unit;
    struct faults *faults;
};

/* A column as a list of rows is read: its name and type. */
struct typed {
    const char *name;
    const char *type;
};

struct typed_columns {
    struct typed *list;
    size_t count;
};

static struct typed_columns of_contract(struct arena *arena, const struct columns *columns)
{
    struct typed_columns typed = { arena_array_of(arena, struct typed, columns->count + 1), 0 };
    for (size_t i = 0; i < columns->count; i++)
        typed.list[typed.count++] =
            (struct typed){ columns->list[i].name, column_sql_type(arena, &columns->list[i]) };
    return typed;
}

static struct typed_columns of_step(struct arena *arena, const struct step_meaning *meaning)
{
    struct typed_columns typed = { arena_array_of(arena, struct typed, meaning->column_count + 1),
                                   0 };
    for (size_t i = 0; i < meaning->column_count; i++)
        typed.list[typed.count++] =
            (struct typed){ meaning->columns[i].name, meaning->columns[i].type };
    return typed;
}

/* The columns a name has: of an input, a step before, or `this`. */
static struct typed_columns columns_of(const struct casing *casing, const char *name)
{
    const struct pipeline_pins *pins = &casing->meaning->pins;
    for (size_t i = 0; i < pins->input_count; i++)
        if (strcmp(pins->inputs[i].name, name) == 0)
            return of_contract(casing->arena, &pins->inputs[i].datum->contract->columns);
    for (size_t i = 0; i < casing->unit->step; i++)
        if (strcmp(casing->document->steps[i].name, name) == 0)
            return of_step(casing->arena, &casing->meaning->meanings[i]);
    return of_contract(casing->arena,
                       casing->meaning->meanings[casing->unit->step].target.bind.columns);
}

static bool is_typed(const struct typed_columns *columns, const char *name)
{
    for (size_t i = 0; i < columns->count; i++)
        if (strcmp(columns->list[i].name, name) == 0)
            return true;
    return false;
}

/* A SELECT of the rows as they are written in the document. */
static const char *select_rows(const struct casing *casing, const struct node *rows,
                               const struct typed_columns *columns)
{
    struct arena *arena = casing->arena;
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    for (const struct node *row = rows ? rows->first : NULL; row; row = row->next)
        for (const struct node *value = row->first; value; value = value->next)
            if (!is_typed(columns, value->key))
                node_fault(casing->faults, value, "there is no column of this name");
    buffer_print(&sql, "SELECT * FROM jsonb_to_recordset(%s::jsonb) AS r (",
                 db_literal(arena, rows ? node_json(arena, rows) : "[]"));
    for (size_t i = 0; i < columns->count; i++)
        buffer_print(&sql, "%s%s %s", i ? ", " : "", db_identifier(arena, columns->list[i].name),
                     columns->list[i].type);
    buffer_add_char(&sql, ')');
    return arena_copy(arena, sql.data, sql.size);
}

/* The binding of the step, with given rows in place of every table. */
static struct binding bind_case(const struct casing *casing, const struct bind_value *run,
                                size_t run_count)
{
    struct arena *arena = casing->arena;
    const struct pipeline_document *document = casing->document;
    const char **tables = arena_array_of(arena, const char *, document->step_count);
    for (size_t i = 0; i < casing->unit->step; i++) {
        const char *name = document->steps[i].name;
        const struct node *rows = node_member(casing->unit->given, name);
        struct typed_columns columns = columns_of(casing, name);
        tables[i] = rows ? select_rows(casing, rows, &columns) : NULL;
    }
    const struct steps_scope scope = {
        document, casing->meaning->steps, &casing->meaning->pins, run, run_count, tables
    };
    struct binding binding = steps_binding(arena, &scope, casing->unit->step);
    struct bind_input *inputs = arena_array_of(arena, struct bind_input, binding.input_count + 1);
    for (size_t i = 0; i < binding.input_count; i++) {
        const char *name = binding.inputs[i].name;
        struct typed_columns columns = columns_of(casing, name);
        inputs[i].name = name;
        inputs[i].select = select_rows(casing, node_member(casing->unit->given, name), &columns);
    }
    binding.inputs = inputs;
    return binding;
}

/* The columns that are compared: those the rows expected name, or all. */
static const char *compared(const struct casing *casing, const struct typed_columns *columns)
{
    CLEANUP(buffer_clear) struct buffer list = { 0 };
    for (int all = 0; all < 2 && !list.size; all++)
        for (size_t i = 0; i < columns->count; i++) {
            bool named = all;
            for (const struct node *row = casing->unit->expect->first; row; row = row->next)
                named = named || node_member(row, columns->list[i].name);
            if (named)
                buffer_print(&list, "%s%s", list.size ? ", " : "",
                             db_identifier(casing->arena, columns->list[i].name));
        }
    return arena_copy(casing->arena, list.data, list.size);
}

static const char *case_sql(const struct casing *casing, const struct bind_value *run,
                            size_t run_count)
{
    struct arena *arena = casing->arena;
    const struct step_meaning *step = &casing->meaning->meanings[casing->unit->step];
    struct binding binding = bind_case(casing, run, run_count);
    struct typed_columns columns = of_step(arena, step);
    const char *list = compared(casing, &columns);
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    bind_with(arena, &binding, &sql);
    buffer_print(&sql,
                 ",\n\" got\" AS MATERIALIZED (SELECT %s FROM (\n%s\n) AS q),\n"
                 "\" want\" AS MATERIALIZED (SELECT %s FROM (%s) AS w)\n",
                 list, casing->meaning->steps[casing->unit->step].sql, list,
                 select_rows(casing, casing->unit->expect, &columns));
    buffer_print(&sql,
                 "SELECT false, to_jsonb(d)::text FROM (TABLE \" want\" EXCEPT ALL TABLE \" got\") "
                 "AS d UNION ALL "
                 "SELECT true, to_jsonb(d)::text FROM (TABLE \" got\" EXCEPT ALL TABLE \" want\") "
                 "AS d LIMIT %d",
                 MOST_ROWS);
    return arena_copy(arena, sql.data, sql.size);
}

static const char *name_of(const struct casing *casing)
{
    return casing->unit->name ? casing->unit->name
                              : casing->document->steps[casing->unit->step].name;
}

static struct problem *read_differences(const struct casing *casing, struct db *db)
{
    for (;;) {
        const struct db_value *row;
        size_t count;
        struct problem *problem = db_stream_next(db, casing->arena, &row, &count);
        if (problem && strcmp(db_sqlstate(db), "") == 0)
            return problem;
        if (problem)
            node_fault(casing->faults, casing->unit->node, "test %s: it fails: %s", name_of(casing),
                       problem->cause ? problem->cause : problem->detail);
        if (problem || !row)
            return NULL;
        node_fault(casing->faults, casing->unit->node,
                   row[0].data[0] ? "test %s: the row %.*s was not expected"
                                  : "test %s: the row %.*s is missing",
                   name_of(casing), (int)row[1].size, row[1].data);
    }
}

static struct problem *run_case(const struct casing *casing, struct db *db)
{
    struct arena *arena = casing->arena;
    const struct bind_value *run;
    size_t run_count;
    const char *as_of = casing->unit->as_of ? casing->unit->as_of : AS_OF;
    TRY(inputs_run_row(arena, casing->document,
                       casing->unit->parameters ? node_json(arena, casing->unit->parameters) : NULL,
                       1, as_of, true, &run, &run_count));
    int before = casing->faults->count;
    const struct db_query query = { case_sql(casing, run, run_count), NULL, 0 };
    if (casing->faults->count != before)
        return NULL;
    TRY(db_begin(db, arena, true));
    TRY(db_run(db, arena, arena_print(arena, "SET LOCAL statement_timeout = %d", CASE_TIMEOUT_MS)));
    TRY(db_stream_begin(db, arena, &query));
    struct problem *problem = read_differences(casing, db);
    db_stream_stop(db);
    db_rollback(db);
    return problem;
}

struct problem *cases_run(struct arena *arena, const char *pipeline_conninfo,
                          const struct pipeline_document *document,
                          const struct pipeline_meaning *meaning)
{
    struct faults faults;
    if (!document->case_count)
        return NULL;
    CLEANUP(db_close_at) struct db *db = db_open(pipeline_conninfo, "entrepot test");
    faults_init(&faults, arena, 50);
    for (size_t i = 0; i < document->case_count; i++) {
        const struct casing casing = { arena, document, meaning, &document->cases[i], &faults };
        TRY(run_case(&casing, db));
    }
    return faults_problem(&faults, &PROBLEM_INVALID_DOCUMENT,
                          "the tests of the pipeline %s do not pass", document->name);
}
