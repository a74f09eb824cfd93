/*
 * The first gate: what the text of a step may look like, judged by Postgres's own parser.
 *
 * Injected SQL is hostile until proven otherwise. This gate reads only the shape: exactly one
 * SELECT, over declared names, without anything that writes, locks or names a schema. It runs on a
 * thread of its own with a deep stack, because the parser recurses with its input. The gates that
 * follow (Postgres's analysis of the bound statement, the pipeline role, the read-only transaction)
 * do not rely on it. Any thread may call; nothing is kept.
 */
#ifndef ENTREPOT_SANDBOX_GATE_H
#define ENTREPOT_SANDBOX_GATE_H

#include "server/base/problem.h"

/* Longest SQL of a step: the parser's stack is measured for it. */
#define GATE_MAX_SQL_BYTES 65536

/**
 * Check the SQL of one step.
 *
 * Takes   step: its name, for messages; sql: UTF-8; names: relations it may read, ended by NULL.
 * Gives   *out_sql: the statement without a semicolon behind it, so that it can be wrapped;
 *         *out_uses: which of the names it reads, same order as names. Both may be NULL.
 * Fails   PROBLEM_SQL_REFUSED with members step, layer (`parser`), rule, line and column.
 */
struct problem *gate_check(struct arena *arena, const char *step, const char *sql,
                           const char *const *names, const char **out_sql, bool *out_uses) MUST_USE;

/** Line and column, both from 1 and in characters, of a byte offset into text. */
void gate_position(const char *text, size_t offset, int64_t *out_line, int64_t *out_column);

/** A refusal of SQL at a byte offset; offset -1 where there is none. */
struct problem *gate_refuse(struct arena *arena, const char *step, const char *layer,
                            const char *rule, const char *sql, int64_t offset, const char *detail,
                            ...) PRINTF_LIKE(7, 8);

#endif
