/*
 * The SQL of a step, as its author sends it.
 *
 * Whatever comes in must be refused with its rule and a place inside the text, or pass; what passes
 * is cut to one statement, which must pass again and read the same names.
 */
#include "fuzz.h"
#include "server/sandbox/gate.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NAMES 4

static const char *const names[NAMES + 1] = { "orders", "cities", "run", "this", NULL };

static void check_refusal(const struct problem *problem, const char *sql)
{
    int64_t last_line, last_column;
    gate_position(sql, strlen(sql), &last_line, &last_column);
    int64_t line = problem_number(problem, "line", 1);
    assert(problem->kind == &PROBLEM_SQL_REFUSED);
    assert(strcmp(problem_text(problem, "layer"), "parser") == 0 && problem_text(problem, "rule"));
    assert(line >= 1 && line <= last_line);
    assert(line < last_line || problem_number(problem, "column", 1) <= last_column);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(16384);
    const char *sql = arena_copy(arena, data, size);
    const char *statement = NULL;
    bool uses[NAMES] = { false };
    bool uses_again[NAMES] = { false };
    struct problem *problem = gate_check(arena, "step", sql, names, &statement, uses);
    if (problem) {
        check_refusal(problem, sql);
        return 0;
    }
    assert(strncmp(statement, sql, strlen(statement)) == 0);
    problem = gate_check(arena, "step", statement, names, NULL, uses_again);
    assert(!problem && memcmp(uses, uses_again, sizeof uses) == 0);
    return 0;
}
