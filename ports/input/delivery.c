#include "delivery.h"

#include "server/base/clock.h"
#include "server/base/digest.h"
#include "server/db/stream.h"
#include "server/model/relation.h"
#include "server/server.h"
#include "sql.h"

#include <string.h>

#define READ_BYTES (64 * 1024)
#define PIECE_BYTES (128 * 1024)

/* A delivery on its way in. */
struct receiving {
    struct request *rq;
    const struct delivery_request *request;
    int64_t id;
    int64_t number;
    int64_t bytes;
    int64_t rows;
    const char *sha256;
    struct digest *digest;
    struct intake *intake;
    struct buffer rows_out;
    char *piece;
};

/* What is known of an idempotency key. */
struct earlier {
    bool found;
    int64_t id;
    int64_t number;
    const char *state;
    const char *sha256;
};

struct beginning {
    const struct delivery_request *request;
    int64_t forgotten_at; /* keys used before are forgotten */
    struct earlier earlier;
    int64_t id;
    int64_t number;
};

static struct problem *find_earlier(struct db *db, struct arena *arena, struct beginning *beginning)
{
    const struct delivery_request *request = beginning->request;
    struct earlier *earlier = &beginning->earlier;
    bool locked;
    const struct db_param key[] = { db_int64(request->datum->id), db_text(request->idempotency_key),
                                    db_time(beginning->forgotten_at) };
    const struct db_column lock_out[] = { db_to_bool(&locked) };
    const struct db_column out[] = { db_to_int64(&earlier->id), db_to_int64(&earlier->number),
                                     db_to_text(&earlier->state), db_to_text(&earlier->sha256) };
    TRY(db_one(db, arena, &sql_delivery_key_lock, key, 2, lock_out, COUNT(lock_out)));
    return db_maybe(db, arena, &sql_delivery_find_key, key, COUNT(key), out, COUNT(out),
                    &earlier->found);
}

/* Take a number, unless the key says that this came before. */
static struct problem *begin(struct db *db, struct arena *arena, void *context)
{
    struct beginning *beginning = context;
    const struct delivery_request *request = beginning->request;
    if (request->idempotency_key) {
        TRY(find_earlier(db, arena, beginning));
        if (beginning->earlier.found)
            return NULL;
    }
    const struct db_param in[] = { db_int64(request->datum->id), db_text(request->media_type),
                                   db_text(request->idempotency_key), db_text(request->subject) };
    const struct db_column out[] = { db_to_int64(&beginning->id), db_to_int64(&beginning->number) };
    return db_one(db, arena, &sql_delivery_begin, in, COUNT(in), out, COUNT(out));
}

/* Next piece of the body, counted and digested; size 0 at its end. */
static struct problem *read_piece(struct receiving *receiving, size_t *out_size)
{
    TRY(request_read(receiving->rq, receiving->piece, READ_BYTES, out_size));
    digest_add(receiving->digest, receiving->piece, *out_size);
    receiving->bytes += (int64_t)*out_size;
    return NULL;
}

static void finish_digest(struct receiving *receiving)
{
    unsigned char sum[DIGEST_BYTES];
    digest_end(receiving->digest, sum);
    receiving->sha256 = arena_hex(receiving->rq->arena, sum, sizeof sum);
}

static struct problem *send_rows(struct receiving *receiving, size_t at_least)
{
    if (receiving->rows_out.size < at_least)
        return NULL;
    struct problem *problem = db_copy_write(receiving->rq->db, receiving->rq->arena,
                                            receiving->rows_out.data, receiving->rows_out.size);
    buffer_reset(&receiving->rows_out);
    return problem;
}

static struct problem *copy_body(struct receiving *receiving)
{
    size_t size;
    do {
        TRY(read_piece(receiving, &size));
        if (size)
            TRY(intake_feed(receiving->intake, receiving->piece, size, &receiving->rows_out));
        else
            TRY(intake_end(receiving->intake, &receiving->rows_out));
        TRY(send_rows(receiving, size ? PIECE_BYTES : 1));
    } while (size);
    finish_digest(receiving);
    return NULL;
}

/*
 * Move the pointer. A delivery that began later may have been accepted first; then this one takes
 * the next number, because a state once seen must never change.
 */
static struct problem *take_place(struct receiving *receiving)
{
    struct db *db = receiving->rq->db;
    struct arena *arena = receiving->rq->arena;
    int64_t current;
    int64_t last;
    const struct db_param datum[] = { db_int64(receiving->request->datum->id) };
    const struct db_column out[] = { db_to_int64_or(&current, 0), db_to_int64(&last) };
    TRY(db_one(db, arena, &sql_datum_lock, datum, COUNT(datum), out, COUNT(out)));
    if (receiving->number < current) {
        const char *table = relation_input(arena, receiving->request->datum->id);
        TRY(db_run(db, arena,
                   arena_print(arena, "UPDATE %s SET _delivery = %lld WHERE _delivery = %lld",
                               table, (long long)last + 1, (long long)receiving->number)));
        receiving->number = last + 1;
    }
    const struct db_param in[] = { datum[0], db_int64(receiving->number) };
    return db_none(db, arena, &sql_datum_point, in, COUNT(in));
}

static struct problem *accept(struct receiving *receiving)
{
    struct db *db = receiving->rq->db;
    struct arena *arena = receiving->rq->arena;
    int64_t revision;
    bool told;
    TRY(db_copy_end(db, arena, &receiving->rows));
    TRY(take_place(receiving));
    const struct db_param in[] = { db_int64(receiving->id), db_int64(receiving->number),
                                   db_int64(receiving->rows), db_int64(receiving->bytes),
                                   db_text(receiving->sha256) };
    const struct db_column out[] = { db_to_int64(&revision), db_to_bool(&told) };
    TRY(db_none(db, arena, &sql_delivery_accept, in, COUNT(in)));
    TRY(db_one(db, arena, &sql_catalogue_bump, NULL, 0, out, COUNT(out)));
    return db_commit(db, arena);
}

static struct problem *store(struct receiving *receiving)
{
    struct db *db = receiving->rq->db;
    struct arena *arena = receiving->rq->arena;
    const struct catalogue_datum *datum = receiving->request->datum;
    const char *columns = relation_column_list(arena, &datum->contract->columns);
    TRY(db_begin(db, arena, false));
    TRY(db_copy_in(db, arena,
                   arena_print(arena, "COPY %s (_delivery, _row, %s) FROM STDIN (FORMAT binary)",
                               relation_input(arena, datum->id), columns)));
    struct problem *problem = copy_body(receiving);
    if (problem) {
        db_copy_abandon(db);
        return problem;
    }
    return accept(receiving);
}

/* Remember why it was refused. When even that fails, the steward closes it later. */
static void reject(struct receiving *receiving, const struct problem *problem)
{
    db_rollback(receiving->rq->db);
    const struct db_param in[] = { db_int64(receiving->id), db_text(problem->detail),
                                   db_int64(receiving->bytes) };
    struct problem *unstored =
        db_none(receiving->rq->db, receiving->rq->arena, &sql_delivery_reject, in, COUNT(in));
    (void)unstored; /* the first problem is what the client must hear */
}

static struct problem *receive_new(struct receiving *receiving)
{
    struct request *rq = receiving->rq;
    const struct config *config = server_of(rq)->config;
    const struct row_prefix prefix = { receiving->number };
    const struct intake_options options = {
        .format = receiving->request->format,
        .columns = &receiving->request->datum->contract->columns,
        .pointer = receiving->request->pointer,
        .max_field = config_number(config, CONFIG_MAX_FIELD),
        .max_depth = config_number(config, CONFIG_MAX_DEPTH),
        .max_faults = config_number(config, CONFIG_MAX_FAULTS),
        .prefix = &prefix,
    };
    CLEANUP(intake_close_at) struct intake *intake = intake_open(rq->arena, &options);
    receiving->intake = intake;
    struct problem *problem = store(receiving);
    if (problem)
        reject(receiving, problem);
    return problem;
}

/* The key came before: the bytes must be the same, and are not stored again. */
static struct problem *receive_again(struct receiving *receiving, const struct earlier *earlier)
{
    struct request *rq = receiving->rq;
    size_t size;
    if (strcmp(earlier->state, "receiving") == 0)
        return problem_new(rq->arena, &PROBLEM_CONFLICT,
                           "delivery %lld with this Idempotency-Key is still being received",
                           (long long)earlier->number);
    do
        TRY(read_piece(receiving, &size));
    while (size);
    finish_digest(receiving);
    if (!earlier->sha256 || strcmp(earlier->sha256, receiving->sha256) != 0)
        return problem_new(rq->arena, &PROBLEM_IDEMPOTENCY,
                           "delivery %lld came with this Idempotency-Key and other bytes (SHA-256 "
                           "%s); use a new key for new data",
                           (long long)earlier->number, earlier->sha256);
    return NULL;
}

static struct problem *receive(struct receiving *receiving, struct delivery_receipt *out_receipt)
{
    struct request *rq = receiving->rq;
    const struct config *config = server_of(rq)->config;
    struct beginning beginning = { .request = receiving->request };
    beginning.forgotten_at = clock_now() - config_number(config, CONFIG_IDEMPOTENCY_TTL) * 1000;
    TRY(db_transact(rq->db, rq->arena, begin, &beginning));
    receiving->id = beginning.id;
    receiving->number = beginning.number;
    if (beginning.earlier.found) {
        TRY(receive_again(receiving, &beginning.earlier));
        receiving->number = beginning.earlier.number;
    } else {
        TRY(receive_new(receiving));
        TRY(server_refresh(rq));
    }
    *out_receipt = (struct delivery_receipt){ receiving->number, receiving->rows, receiving->bytes,
                                              receiving->sha256, beginning.earlier.found };
    return NULL;
}

struct problem *delivery_receive(struct request *rq, const struct delivery_request *request,
                                 struct delivery_receipt *out_receipt)
{
    CLEANUP(digest_close_at) struct digest *digest = digest_open();
    struct receiving receiving = { .rq = rq, .request = request, .digest = digest };
    receiving.piece = arena_alloc(rq->arena, READ_BYTES);
    struct problem *problem = receive(&receiving, out_receipt);
    buffer_clear(&receiving.rows_out);
    return problem;
}
