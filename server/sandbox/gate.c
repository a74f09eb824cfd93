#include "gate.h"

#include <assert.h>
#include <jansson.h>
#include <pg_query.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>

/* 64 KiB of the worst SQL was measured to need less than 8 MB. */
#define GATE_STACK_BYTES (16 * 1024 * 1024)
#define GATE_MAX_DEPTH 1200

CLEANUP_DEFINE(json_t *, json_decref)

/* A name of a WITH clause, visible in the statement it belongs to. */
struct scope_name {
    const struct scope_name *outer;
    const char *name;
};

struct gate {
    struct arena *arena;
    const char *step;
    const char *sql;
    const char *const *names;
    bool *uses;
    size_t size; /* of the statement in sql, without what follows it */
    struct problem *problem;
};

/* Members of the parse tree that a step must not have, wherever they stand. */
static const struct {
    const char *member;
    const char *rule;
    const char *why;
} refused_members[] = {
    { "intoClause", "select-into", "SELECT INTO would make a table; a step only reads" },
    { "lockingClause", "locking", "FOR UPDATE and FOR SHARE lock rows; a step only reads" },
    { "ParamRef", "parameter", "$n has no value here; parameters are columns of the table run" },
    { "XmlExpr", "xml", "XML functions run text as SQL" },
    { "XmlSerialize", "xml", "XML functions run text as SQL" },
    { "CurrentOfExpr", "cursor", "there are no cursors here" },
    { "SetToDefault", "default", "DEFAULT belongs to writes" },
};

void gate_position(const char *text, size_t offset, int64_t *out_line, int64_t *out_column)
{
    int64_t line = 1;
    int64_t column = 1;
    for (size_t i = 0; i < offset && text[i]; i++) {
        if (text[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
            column++;
        }
    }
    *out_line = line;
    *out_column = column;
}

struct problem *gate_refuse(struct arena *arena, const char *step, const char *layer,
                            const char *rule, const char *sql, int64_t offset, const char *detail,
                            ...)
{
    va_list arguments;
    va_start(arguments, detail);
    const char *why = arena_vprint(arena, detail, arguments);
    va_end(arguments);
    struct problem *problem = problem_new(arena, &PROBLEM_SQL_REFUSED, "step %s: %s", step, why);
    problem_add_text(arena, problem, "step", step);
    problem_add_text(arena, problem, "layer", layer);
    problem_add_text(arena, problem, "rule", rule);
    if (offset >= 0) {
        int64_t line;
        int64_t column;
        gate_position(sql, (size_t)offset, &line, &column);
        problem_add_number(arena, problem, "line", line);
        problem_add_number(arena, problem, "column", column);
    }
    return problem;
}

static int64_t location_of(const json_t *node)
{
    const json_t *location = json_object_get(node, "location");
    return json_is_integer(location) ? json_integer_value(location) : -1;
}

static struct problem *check_relation(struct gate *gate, const json_t *relation,
                                      const struct scope_name *scope)
{
    const char *name = json_string_value(json_object_get(relation, "relname"));
    int64_t at = location_of(relation);
    if (!name)
        return gate_refuse(gate->arena, gate->step, "parser", "relation", gate->sql, at,
                           "a relation without a name");
    const char *schema = json_string_value(json_object_get(relation, "schemaname"));
    if (schema || json_object_get(relation, "catalogname"))
        return gate_refuse(gate->arena, gate->step, "parser", "qualified-name", gate->sql, at,
                           "%s.%s names a schema; a step reads declared names only",
                           schema ? schema : "", name);
    for (; scope; scope = scope->outer)
        if (strcmp(scope->name, name) == 0)
            return NULL;
    for (size_t i = 0; gate->names[i]; i++)
        if (strcmp(gate->names[i], name) == 0) {
            if (gate->uses)
                gate->uses[i] = true;
            return NULL;
        }
    return gate_refuse(gate->arena, gate->step, "parser", "undeclared-name", gate->sql, at,
                       "%s is not declared: a step reads the pipeline's inputs, earlier steps, run "
                       "and this",
                       name);
}

static struct problem *walk(struct gate *gate, const json_t *node, const struct scope_name *scope,
                            int depth);

/* The queries of a WITH clause see each other in order, or all of them when recursive. */
static struct problem *walk_with(struct gate *gate, const json_t *with,
                                 const struct scope_name **scope, int depth)
{
    const json_t *queries = json_object_get(with, "ctes");
    bool recursive = json_is_true(json_object_get(with, "recursive"));
    const struct scope_name *inner = *scope;
    size_t index;
    json_t *entry;
    for (int pass = recursive ? 0 : 1; pass < 2; pass++) {
        json_array_foreach(queries, index, entry)
        {
            const json_t *query = json_object_get(entry, "CommonTableExpr");
            const char *name = json_string_value(json_object_get(query, "ctename"));
            if (!name)
                return gate_refuse(gate->arena, gate->step, "parser", "with", gate->sql,
                                   location_of(query), "a WITH query without a name");
            if (pass == 1)
                TRY(walk(gate, json_object_get(query, "ctequery"), inner, depth));
            if (recursive != (pass == 1)) {
                struct scope_name *visible = arena_new_of(gate->arena, struct scope_name);
                visible->outer = inner;
                visible->name = name;
                inner = visible;
            }
        }
    }
    *scope = inner;
    return NULL;
}

/* What SQL has words of its own for (AT TIME ZONE, EXTRACT, TRIM) the parser turns into a call of a
 * function in pg_catalog, and says so; a writer of the same name cannot make it say that. */
static bool is_syntax(const json_t *call)
{
    const char *format = json_string_value(json_object_get(call, "funcformat"));
    return format && strcmp(format, "COERCE_SQL_SYNTAX") == 0;
}

static struct problem *check_function(struct gate *gate, const json_t *call)
{
    const json_t *name = json_object_get(call, "funcname");
    if (json_array_size(name) != 1 && !is_syntax(call))
        return gate_refuse(gate->arena, gate->step, "parser", "qualified-function", gate->sql,
                           location_of(call), "a function is named without its schema");
    return NULL;
}

static bool is_statement(const char *key)
{
    size_t length = strlen(key);
    return length > 4 && strcmp(key + length - 4, "Stmt") == 0 && strcmp(key, "SelectStmt") != 0;
}

static struct problem *check_member(struct gate *gate, const char *key, const json_t *value,
                                    const struct scope_name *scope)
{
    for (size_t i = 0; i < COUNT(refused_members); i++)
        if (strcmp(key, refused_members[i].member) == 0)
            return gate_refuse(gate->arena, gate->step, "parser", refused_members[i].rule,
                               gate->sql, location_of(value), "%s", refused_members[i].why);
    if (is_statement(key))
        return gate_refuse(gate->arena, gate->step, "parser", "select-only", gate->sql,
                           location_of(value), "only SELECT is run here, not %.*s",
                           (int)(strlen(key) - 4), key);
    if (strcmp(key, "RangeVar") == 0)
        return check_relation(gate, value, scope);
    if (strcmp(key, "FuncCall") == 0)
        return check_function(gate, value);
    return NULL;
}

static struct problem *walk(struct gate *gate, const json_t *node, const struct scope_name *scope,
                            int depth)
{
    if (depth > GATE_MAX_DEPTH)
        return gate_refuse(gate->arena, gate->step, "parser", "too-deep", gate->sql, -1,
                           "the SQL is nested too deeply");
    if (json_is_array(node)) {
        size_t index;
        json_t *element;
        json_array_foreach(node, index, element) TRY(walk(gate, element, scope, depth + 1));
        return NULL;
    }
    if (!json_is_object(node))
        return NULL;
    const json_t *with = json_object_get(node, "withClause");
    if (with)
        TRY(walk_with(gate, with, &scope, depth + 1));
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)node, key, value)
    {
        if (value == with)
            continue;
        TRY(check_member(gate, key, value, scope));
        TRY(walk(gate, value, scope, depth + 1));
    }
    return NULL;
}

static struct problem *check_tree(struct gate *gate, const char *text)
{
    json_error_t error;
    CLEANUP(json_decref_at) json_t *tree = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!tree)
        return gate_refuse(gate->arena, gate->step, "parser", "too-deep", gate->sql, -1,
                           "the SQL is nested too deeply");
    const json_t *statements = json_object_get(tree, "stmts");
    if (json_array_size(statements) == 0)
        return gate_refuse(gate->arena, gate->step, "parser", "one-statement", gate->sql, -1,
                           "there is no statement");
    if (json_array_size(statements) > 1) {
        const json_t *second = json_array_get(statements, 1);
        return gate_refuse(gate->arena, gate->step, "parser", "one-statement", gate->sql,
                           json_integer_value(json_object_get(second, "stmt_location")),
                           "a step is one SELECT; a second statement follows");
    }
    const json_t *only = json_array_get(statements, 0);
    int64_t start = json_integer_value(json_object_get(only, "stmt_location"));
    int64_t size = json_integer_value(json_object_get(only, "stmt_len"));
    gate->size = size ? (size_t)(start + size) : strlen(gate->sql);
    return walk(gate, json_object_get(only, "stmt"), NULL, 0);
}

static void *gate_thread(void *context)
{
    struct gate *gate = context;
    PgQueryParseResult result = pg_query_parse(gate->sql);
    if (result.error)
        gate->problem = gate_refuse(gate->arena, gate->step, "parser", "syntax", gate->sql,
                                    result.error->cursorpos - 1, "%s", result.error->message);
    else
        gate->problem = check_tree(gate, result.parse_tree);
    pg_query_free_parse_result(result); /* its own memory goes with the thread */
    return NULL;
}

struct problem *gate_check(struct arena *arena, const char *step, const char *sql,
                           const char *const *names, const char **out_sql, bool *out_uses)
{
    if (strlen(sql) > GATE_MAX_SQL_BYTES)
        return gate_refuse(arena, step, "parser", "too-long", sql, -1,
                           "the SQL is longer than %d bytes", GATE_MAX_SQL_BYTES);
    /* the caller waits for the thread, so its arena has one user at a time */
    struct gate gate = {
        .arena = arena, .step = step, .sql = sql, .names = names, .uses = out_uses
    };
    pthread_attr_t attributes;
    pthread_t thread;
    int failed = pthread_attr_init(&attributes);
    assert(!failed);
    failed = pthread_attr_setstacksize(&attributes, GATE_STACK_BYTES);
    assert(!failed);
    failed = pthread_create(&thread, &attributes, gate_thread, &gate);
    (void)pthread_attr_destroy(&attributes); /* cannot fail on Linux */
    if (failed)
        return problem_because(arena,
                               problem_new(arena, &PROBLEM_BUSY, "no thread is free to check SQL"),
                               "pthread_create: %s", strerror(failed));
    failed = pthread_join(thread, NULL);
    assert(!failed);
    if (!gate.problem && out_sql)
        *out_sql = arena_copy(arena, sql, gate.size);
    return gate.problem;
}
