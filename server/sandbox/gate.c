#include "gate.h"

#include "gate_walk.h"

#include <assert.h>
#include <pg_query.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>

/* 64 KiB of the worst SQL was measured to need less than 8 MB. */
#define GATE_STACK_BYTES (16 * 1024 * 1024)

CLEANUP_DEFINE(json_t *, json_decref)

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
    return gate_walk(gate, json_object_get(only, "stmt"));
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
