#include "probe.h"

#include "gate.h"
#include "probe_walk.h"
#include "probe_weight.h"
#include "server/db/stream.h"
#include "sql.h"

#include <string.h>

/* Analysis takes milliseconds; SQL that makes it take this long is refused. */
#define ANALYSIS_MS 10000

/* Nodes a statement may grow to when it is planned: some 50 MB. */
#define MOST_NODES 200000

/* A probe under way. */
struct probing {
    struct db *db;
    struct arena *arena;
    const struct probe_request *request;
    const char *view;      /* quoted */
    const char *statement; /* CREATE VIEW … AS <the bound statement> */
    size_t prefix;         /* bytes of it in front of the bound statement, all ASCII */
};

/* From a place in the statement sent to the same place in the author's SQL, in bytes; -1: it is not
 * in there. */
static int64_t author_byte(const struct probing *probing, int64_t location)
{
    const char *select = probing->request->select;
    int64_t characters = probing->request->offset;
    size_t begin = 0;
    while (select[begin] && characters > 0) {
        begin++;
        if (((unsigned char)select[begin] & 0xC0) != 0x80)
            characters--;
    }
    int64_t at = location - (int64_t)probing->prefix - (int64_t)begin;
    return at >= 0 && at < (int64_t)strlen(probing->request->sql) ? at : -1;
}

/* The byte of a character of the statement, counted from 0. */
static int64_t statement_byte(const struct probing *probing, int64_t characters)
{
    int64_t at = 0;
    while (probing->statement[at] && characters > 0) {
        at++;
        if (((unsigned char)probing->statement[at] & 0xC0) != 0x80)
            characters--;
    }
    return at;
}

/* Postgres refused the statement: say where in the author's SQL, when it is there. */
static struct problem *refused_by_postgres(const struct probing *probing, const struct problem *why)
{
    const char *state = db_sqlstate(probing->db);
    if (why->kind == &PROBLEM_STORE && strcmp(state, "") == 0)
        return problem_because(probing->arena,
                               problem_new(probing->arena, why->kind, "%s", why->detail), "%s",
                               why->cause ? why->cause : "");
    int64_t position = db_error_position(probing->db) - 1;
    int64_t at = position < 0 ? -1 : author_byte(probing, statement_byte(probing, position));
    return gate_refuse(probing->arena, probing->request->step, "analysis", "analysis",
                       probing->request->sql, at, "%s", why->cause ? why->cause : why->detail);
}

/* One statement and no more: the extended protocol takes no second one. */
static struct problem *create_view(const struct probing *probing)
{
    const struct db_query query = { .text = probing->statement };
    const struct db_value *row;
    size_t count;
    struct problem *problem = db_stream_begin(probing->db, probing->arena, &query);
    if (!problem)
        problem = db_stream_next(probing->db, probing->arena, &row, &count);
    return problem ? refused_by_postgres(probing, problem) : NULL;
}

/* Rows that are gathered into a list of the probe. */
struct reading {
    struct probe *probe;
    struct arena *arena;
    struct probe_column column;
    int64_t type_oid;
    struct probe_use use;
    struct probe_column *columns;
    struct probe_use *uses;
    int64_t *tables;
    int64_t table;
    size_t table_count;
};

static struct problem *column_add(void *context)
{
    struct reading *reading = context;
    struct probe *probe = reading->probe;
    reading->column.type_oid = (unsigned)reading->type_oid;
    reading->columns = arena_grown(reading->arena, reading->columns, probe->column_count,
                                   sizeof *reading->columns);
    reading->columns[probe->column_count++] = reading->column;
    return NULL;
}

static struct problem *use_add(void *context)
{
    struct reading *reading = context;
    struct probe *probe = reading->probe;
    reading->uses =
        arena_grown(reading->arena, reading->uses, probe->use_count, sizeof *reading->uses);
    reading->uses[probe->use_count++] = reading->use;
    return NULL;
}

static struct problem *table_add(void *context)
{
    struct reading *reading = context;
    reading->tables[reading->table_count++] = reading->table;
    return NULL;
}

static struct problem *read_tables(const struct probing *probing, struct reading *reading)
{
    const struct probe_request *request = probing->request;
    const char **names = arena_array_of(probing->arena, const char *, request->table_count + 1);
    reading->tables = arena_array_of(probing->arena, int64_t, request->table_count);
    for (size_t i = 0; i < request->table_count; i++)
        names[i] = request->tables[i].table;
    const struct db_param in[] = { db_texts(names) };
    const struct db_column out[] = { db_to_int64(&reading->table) };
    return db_each(probing->db, probing->arena, &sql_probe_tables, in, COUNT(in), out, COUNT(out),
                   table_add, reading);
}

static struct problem *read_columns(const struct probing *probing, struct reading *reading,
                                    int64_t view)
{
    const struct db_param in[] = { db_int64(view) };
    const struct db_column columns[] = { db_to_text(&reading->column.name),
                                         db_to_text(&reading->column.type),
                                         db_to_int64(&reading->type_oid) };
    const struct db_column uses[] = { db_to_int64(&reading->use.relation),
                                      db_to_int32(&reading->use.attnum),
                                      db_to_text(&reading->use.column) };
    TRY(db_each(probing->db, probing->arena, &sql_probe_columns, in, COUNT(in), columns,
                COUNT(columns), column_add, reading));
    return db_each(probing->db, probing->arena, &sql_probe_uses, in, COUNT(in), uses, COUNT(uses),
                   use_add, reading);
}

/* A view's rule is a list of one query. */
static const struct tree *query_of(const struct tree *rule)
{
    return rule->kind == TREE_LIST && rule->first ? rule->first : rule;
}

static struct problem *judge(const struct probing *probing, const struct tree *tree, int64_t view,
                             const struct reading *reading)
{
    struct probe_objects objects = { .arena = probing->arena, .statement = probing->statement };
    probe_gather(&objects, tree);
    if (!objects.objection.rule)
        TRY(probe_judge(probing->db, &objects, view, reading->tables, reading->table_count));
    if (!objects.objection.rule && probe_weight(probing->arena, query_of(tree)) > MOST_NODES)
        objects.objection = (struct probe_objection){
            "too-large",
            "the statement grows too large when its queries are put into one: read a column once, "
            "or use fewer steps in one statement",
            -1
        };
    if (!objects.objection.rule)
        return NULL;
    const struct probe_request *request = probing->request;
    return gate_refuse(probing->arena, request->step, "probe", objects.objection.rule, request->sql,
                       author_byte(probing, objects.objection.location), "%s",
                       objects.objection.detail);
}

/* What the view was made into: ({QUERY …}). */
static struct problem *read_view(const struct probing *probing, struct probe *probe)
{
    struct arena *arena = probing->arena;
    const struct tree *rule;
    const char *text;
    int64_t view;
    int32_t version;
    const struct db_param in[] = { db_text(probing->view) };
    const struct db_column out[] = { db_to_int64(&view), db_to_text(&text), db_to_int32(&version) };
    struct reading reading = { .probe = probe, .arena = arena };
    TRY(db_one(probing->db, arena, &sql_probe_view, in, COUNT(in), out, COUNT(out)));
    TRY(node_tree_parse(arena, text, &rule));
    TRY(read_tables(probing, &reading));
    TRY(judge(probing, rule, view, &reading));
    TRY(read_columns(probing, &reading, view));
    probe->query = query_of(rule);
    probe->columns = reading.columns;
    probe->uses = reading.uses;
    probe->tables = reading.tables;
    probe->server_version = version;
    return NULL;
}

/* As the run will find it: no names but those of pg_catalog. */
static struct problem *probe_inside(const struct probing *probing, struct probe *probe)
{
    TRY(db_run(probing->db, probing->arena,
               arena_print(probing->arena,
                           "SET LOCAL search_path = ''; SET LOCAL statement_timeout = %d",
                           ANALYSIS_MS)));
    TRY(create_view(probing));
    return read_view(probing, probe);
}

/* Undo to the savepoint; what went wrong first is the problem. */
static struct problem *leave(const struct probing *probing, struct problem *problem)
{
    struct problem *left =
        db_run(probing->db, probing->arena, "ROLLBACK TO SAVEPOINT probe; RELEASE SAVEPOINT probe");
    return problem ? problem : left;
}

struct problem *probe_statement(struct db *db, struct arena *arena,
                                const struct probe_request *request, struct probe *out_probe)
{
    struct probe probe = { 0 };
    struct problem *problem;
    TRY(db_connect(db, arena));
    struct probing probing = { .db = db, .arena = arena, .request = request };
    /* sessions that probe at once must not wait for each other's name */
    probing.view = arena_print(arena, "data.\"probe_%d\"", db_backend_pid(db));
    const char *prefix = arena_print(arena, "CREATE VIEW %s AS ", probing.view);
    probing.prefix = strlen(prefix);
    probing.statement = arena_print(arena, "%s%s", prefix, request->select);
    if (db_in_transaction(db)) {
        TRY(db_run(db, arena, "SAVEPOINT probe"));
        problem = leave(&probing, probe_inside(&probing, &probe));
    } else {
        TRY(db_begin(db, arena, false));
        problem = probe_inside(&probing, &probe);
        db_rollback(db);
    }
    if (!problem)
        *out_probe = probe;
    return problem;
}
