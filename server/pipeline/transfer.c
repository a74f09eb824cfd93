#include "transfer.h"

#include "server/base/buffer.h"
#include "server/base/digest.h"

#include <string.h>

/* Rows are passed on in pieces of this size: one message of the protocol each. */
#define PIECE_BYTES (64 * 1024)

struct transfer {
    struct arena *arena;
    struct db *owner;
    struct db *pipeline;
    const char *step;
    const struct transfer_limits *limits;
    struct run_watch *watch;
    struct digest *digest;
    struct buffer piece;
    int64_t rows;
    int64_t bytes;
    int64_t rows_before; /* of the steps before this one, for the watcher */
    int64_t bytes_before;
};

CLEANUP_DEFINE(struct db *, db_close)

/* The author's SQL failed while it ran: their fault, in their words and Postgres's. */
static struct problem *sql_failed(struct transfer *transfer, const struct problem *why)
{
    TRY(run_watch_problem(transfer->watch, transfer->arena));
    const char *state = db_sqlstate(transfer->pipeline);
    if (strcmp(state, "57014") == 0)
        return problem_new(transfer->arena, &PROBLEM_TIMEOUT, "step %s took longer than %lld ms",
                           transfer->step, (long long)transfer->limits->timeout_ms);
    struct problem *problem =
        problem_new(transfer->arena, *state ? &PROBLEM_SQL_REFUSED : &PROBLEM_STORE,
                    "step %s failed: %s", transfer->step, why->cause ? why->cause : why->detail);
    problem_add_text(transfer->arena, problem, "step", transfer->step);
    problem_add_text(transfer->arena, problem, "layer", "run");
    problem_add_text(transfer->arena, problem, "sqlstate", state);
    return problem;
}

static struct problem *store_failed(struct transfer *transfer, const struct problem *why)
{
    bool broken = strncmp(db_sqlstate(transfer->owner), "23", 2) == 0;
    struct problem *problem =
        problem_new(transfer->arena, broken ? &PROBLEM_CONTRACT : why->kind, "step %s: %s",
                    transfer->step, why->cause ? why->cause : why->detail);
    problem_add_text(transfer->arena, problem, "step", transfer->step);
    return problem;
}

static struct problem *pass_on(struct transfer *transfer)
{
    digest_add(transfer->digest, transfer->piece.data, transfer->piece.size);
    struct problem *problem =
        db_copy_write(transfer->owner, transfer->arena, transfer->piece.data, transfer->piece.size);
    transfer->bytes += (int64_t)transfer->piece.size;
    buffer_reset(&transfer->piece);
    atomic_store(&transfer->watch->rows, transfer->rows_before + transfer->rows);
    atomic_store(&transfer->watch->bytes, transfer->bytes_before + transfer->bytes);
    return problem ? store_failed(transfer, problem) : NULL;
}

static struct problem *check_limits(struct transfer *transfer)
{
    if (transfer->rows > transfer->limits->rows)
        return problem_new(transfer->arena, &PROBLEM_CONFLICT,
                           "step %s: more than %lld rows, the limit of this pipeline",
                           transfer->step, (long long)transfer->limits->rows);
    if (transfer->bytes > transfer->limits->bytes)
        return problem_new(transfer->arena, &PROBLEM_CONFLICT,
                           "step %s: more than %lld bytes, the limit of this pipeline",
                           transfer->step, (long long)transfer->limits->bytes);
    return run_watch_problem(transfer->watch, transfer->arena);
}

/* One message of COPY is one row, but for the header with the first and the trailer alone. */
static struct problem *pump(struct transfer *transfer)
{
    for (;;) {
        const char *data;
        size_t size;
        struct problem *problem = db_copy_read(transfer->pipeline, transfer->arena, &data, &size);
        if (problem)
            return sql_failed(transfer, problem);
        if (!size)
            break;
        transfer->rows += size > 2;
        buffer_add(&transfer->piece, data, size);
        if (transfer->piece.size >= PIECE_BYTES) {
            TRY(pass_on(transfer));
            TRY(check_limits(transfer));
        }
    }
    TRY(pass_on(transfer));
    return check_limits(transfer);
}

static struct problem *begin_reading(struct transfer *transfer, const char *select)
{
    struct arena *arena = transfer->arena;
    TRY(db_connect(transfer->pipeline, arena));
    TRY(db_begin(transfer->pipeline, arena, true));
    TRY(db_run(transfer->pipeline, arena,
               arena_print(arena, "SET LOCAL statement_timeout = %lld",
                           (long long)transfer->limits->timeout_ms)));
    atomic_store(&transfer->watch->temp_limit, transfer->limits->temp_mb * 1024 * 1024);
    run_watch_show(transfer->watch, transfer->pipeline);
    TRY(run_watch_problem(transfer->watch, transfer->arena));
    struct problem *problem =
        db_copy_out(transfer->pipeline, arena,
                    arena_print(arena, "COPY (%s) TO STDOUT (FORMAT binary)", select));
    return problem ? sql_failed(transfer, problem) : NULL;
}

static struct problem *transfer_all(struct transfer *transfer, const char *select,
                                    const char *table, const char *columns,
                                    struct transfer_result *out_result)
{
    struct arena *arena = transfer->arena;
    int64_t stored;
    TRY(begin_reading(transfer, select));
    TRY(db_copy_in(transfer->owner, arena,
                   arena_print(arena, "COPY %s (%s) FROM STDIN (FORMAT binary)", table, columns)));
    struct problem *problem = pump(transfer);
    if (problem) {
        db_copy_abandon(transfer->owner);
        return problem;
    }
    problem = db_copy_end(transfer->owner, arena, &stored);
    if (problem)
        return store_failed(transfer, problem);
    unsigned char sum[DIGEST_BYTES];
    digest_end(transfer->digest, sum);
    *out_result =
        (struct transfer_result){ stored, transfer->bytes, arena_hex(arena, sum, sizeof sum) };
    return NULL;
}

struct problem *transfer_rows(struct arena *arena, struct db *owner, const char *pipeline_conninfo,
                              const char *step, const char *select, const char *table,
                              const char *columns, const struct transfer_limits *limits,
                              struct run_watch *watch, struct transfer_result *out_result)
{
    CLEANUP(db_close_at) struct db *pipeline = db_open(pipeline_conninfo, "entrepot run");
    CLEANUP(digest_close_at) struct digest *digest = digest_open();
    struct transfer transfer = { .arena = arena,
                                 .owner = owner,
                                 .pipeline = pipeline,
                                 .step = step,
                                 .limits = limits,
                                 .watch = watch,
                                 .digest = digest,
                                 .rows_before = atomic_load(&watch->rows),
                                 .bytes_before = atomic_load(&watch->bytes) };
    struct problem *problem = transfer_all(&transfer, select, table, columns, out_result);
    run_watch_show(watch, NULL);
    db_rollback(pipeline);
    buffer_clear(&transfer.piece);
    return problem;
}
