#include "rows.h"

#include "count.h"

#define PIECE_BYTES (96 * 1024)

/* The sort values of the last row of a page, as text. */
static struct problem *place_of(struct request *rq, const struct selection *selection,
                                const struct row_value *sorted, struct query_place *out_place)
{
    const struct columns *order = query_order_columns(selection->query);
    const char **values = arena_array_of(rq->arena, const char *, order->count);
    for (size_t i = 0; i < order->count; i++)
        if (sorted[i].size >= 0)
            TRY(encode_value_text(rq->arena, &order->list[i], sorted[i], &values[i]));
    *out_place = (struct query_place){ values, order->count };
    return NULL;
}

/* Values of a row of the lane, from a column on. */
static const struct row_value *values_of(struct request *rq, const struct lane_rows *rows,
                                         size_t row, size_t first, size_t count)
{
    struct row_value *values = arena_array_of(rq->arena, struct row_value, count);
    for (size_t i = 0; i < count; i++) {
        struct db_value value = lane_value(rows, row, first + i);
        values[i] = (struct row_value){ value.data, value.size };
    }
    return values;
}

/* Tell where the next page begins. */
static void link_next(struct request *rq, struct reply *rp, const struct selection *selection,
                      const struct query_place *place)
{
    reply_header(rp, "Link", "<%s>; rel=\"next\"",
                 selection_next_url(rq, selection, place, selection->page));
}

static struct problem *reply_page(struct request *rq, struct reply *rp,
                                  const struct selection *selection, const struct buffer *body)
{
    return reply_text(rq, rp, 200, format_media_type(selection->format),
                      arena_copy(rq->arena, body->data, body->size), body->size);
}

static struct problem *encode_page(struct request *rq, const struct selection *selection,
                                   const struct lane_rows *rows, size_t count, struct buffer *body)
{
    const struct columns *columns = query_columns(selection->query);
    struct encoder *encoder = encoder_new(rq->arena, selection->format, columns);
    struct row_value *values = arena_array_of(rq->arena, struct row_value, columns->count);
    encoder_begin(encoder, body);
    for (size_t row = 0; row < count; row++) {
        for (size_t i = 0; i < columns->count; i++) {
            struct db_value value = lane_value(rows, row, i);
            values[i] = (struct row_value){ value.data, value.size };
        }
        TRY(encoder_row(encoder, values, body));
    }
    encoder_end(encoder, body);
    return NULL;
}

static struct problem *work_rows(struct request *rq, struct reply *rp);

static struct problem *finish_page(struct request *rq, struct reply *rp, void *context,
                                   struct problem *problem, const char *sqlstate,
                                   const struct lane_rows *rows)
{
    const struct selection *selection = context;
    if (problem && selection_took_too_long(sqlstate)) {
        rq->state = context;
        return reply_by_worker(rq, rp, work_rows);
    }
    if (problem)
        return selection_failure(rq, selection, problem, sqlstate);
    size_t count = lane_row_count(rows);
    if (selection->page && count > (size_t)selection->page) {
        size_t first = query_columns(selection->query)->count;
        size_t sorted = query_order_columns(selection->query)->count;
        struct query_place place;
        count = (size_t)selection->page;
        TRY(place_of(rq, selection, values_of(rq, rows, count - 1, first, sorted), &place));
        link_next(rq, rp, selection, &place);
    }
    CLEANUP(buffer_clear) struct buffer body = { 0 };
    TRY(encode_page(rq, selection, rows, count, &body));
    return reply_page(rq, rp, selection, &body);
}

struct streaming {
    struct request *rq;
    struct reply *rp;
    const struct selection *selection;
    struct buffer piece;
    bool begun;
};

static struct problem *send_piece(struct streaming *streaming)
{
    if (!streaming->begun) {
        streaming->begun = true;
        TRY(reply_begin(streaming->rq, streaming->rp, 200,
                        format_media_type(streaming->selection->format)));
    }
    TRY(reply_write(streaming->rq, streaming->rp, streaming->piece.data, streaming->piece.size));
    buffer_reset(&streaming->piece);
    return NULL;
}

_Static_assert(sizeof(struct db_value) == sizeof(struct row_value),
               "a value as the database gives it is one as the encoders take it");

/* One row of a stream, as the encoders take it; NULL at the end. */
static struct problem *next_row(struct request *rq, const struct row_value **out_row)
{
    const struct db_value *row;
    size_t count;
    TRY(db_stream_next(rq->db, rq->arena, &row, &count));
    *out_row = (const struct row_value *)(const void *)row;
    return NULL;
}

/* As many rows as there are, at constant memory. */
static struct problem *stream_all(struct streaming *streaming)
{
    struct request *rq = streaming->rq;
    const struct columns *columns = query_columns(streaming->selection->query);
    struct encoder *encoder = encoder_new(rq->arena, streaming->selection->format, columns);
    encoder_begin(encoder, &streaming->piece);
    for (;;) {
        const struct row_value *row;
        TRY(next_row(rq, &row));
        if (!row)
            break;
        TRY(encoder_row(encoder, row, &streaming->piece));
        if (streaming->piece.size >= PIECE_BYTES)
            TRY(send_piece(streaming));
    }
    encoder_end(encoder, &streaming->piece);
    return send_piece(streaming);
}

/* One page, with a link to the next where one more row follows. */
static struct problem *collect_page(struct streaming *streaming)
{
    struct request *rq = streaming->rq;
    const struct selection *selection = streaming->selection;
    const struct columns *columns = query_columns(selection->query);
    struct encoder *encoder = encoder_new(rq->arena, selection->format, columns);
    const struct row_value *row;
    struct query_place place = { 0 };
    encoder_begin(encoder, &streaming->piece);
    for (int64_t count = 0;; count++) {
        TRY(next_row(rq, &row));
        if (!row || count == selection->page)
            break;
        TRY(encoder_row(encoder, row, &streaming->piece));
        if (count + 1 == selection->page)
            TRY(place_of(rq, selection, row + columns->count, &place));
    }
    if (row)
        link_next(rq, streaming->rp, selection, &place);
    encoder_end(encoder, &streaming->piece);
    return reply_page(rq, streaming->rp, selection, &streaming->piece);
}

static struct problem *send_rows_of(struct streaming *streaming)
{
    struct request *rq = streaming->rq;
    const struct selection *selection = streaming->selection;
    struct db_query sql;
    TRY(selection_sql(rq, selection, &sql));
    TRY(db_stream_begin(rq->db, rq->arena, &sql));
    return selection->page ? collect_page(streaming) : stream_all(streaming);
}

/* On a worker, which has the time that many rows, or the making of a few, take. */
static struct problem *work_rows(struct request *rq, struct reply *rp)
{
    const struct selection *selection = rq->state;
    struct streaming streaming = { .rq = rq, .rp = rp, .selection = selection };
    if (selection->counts)
        TRY(count_now(rq, rp, selection));
    if (rq->method == HEAD && !selection->page) /* its length is not known without making it */
        return reply_text(rq, rp, 200, format_media_type(selection->format), "", 0);
    struct problem *problem = send_rows_of(&streaming);
    db_stream_stop(rq->db);
    buffer_clear(&streaming.piece);
    if (problem && !streaming.begun)
        return selection_failure(rq, selection, problem, db_sqlstate(rq->db));
    return problem;
}

static struct problem *send_rows(struct request *rq, struct reply *rp, struct selection *selection)
{
    if (!selection->bounded) {
        if (rq->method == HEAD && !selection->page && !selection->counts)
            return reply_text(rq, rp, 200, format_media_type(selection->format), "", 0);
        rq->state = selection;
        return reply_by_worker(rq, rp, work_rows);
    }
    struct db_query sql;
    TRY(selection_sql(rq, selection, &sql));
    return reply_rows(rq, rp, &sql, finish_page, selection);
}

struct problem *rows_answer(struct request *rq, struct reply *rp, struct selection *selection)
{
    selection_cache_headers(rp, selection);
    if (reply_not_modified(rq, rp, selection->etag))
        return NULL;
    selection_headers(rq, rp, selection);
    selection->counts = query_wants_count(selection->query) && !count_tell(rq, rp, selection);
    if (selection->counts && selection->bounded)
        return count_ask(rq, rp, selection, send_rows, work_rows);
    return send_rows(rq, rp, selection);
}
