#include "rows.h"

#include "server/formats/export.h"

#include <string.h>

/* The tables of a retired snapshot were dropped while the request was on its way. */
static bool is_gone(const char *sqlstate)
{
    return strcmp(sqlstate, "42P01") == 0;
}

/* What a statement's failure is to the client: its own doing, or a snapshot that is gone. */
static struct problem *failure_of(struct request *rq, const struct selection *selection,
                                  struct problem *problem, const char *sqlstate)
{
    if (is_gone(sqlstate))
        return selection_retired(rq, selection->datum, selection->snapshot->number);
    struct problem *own = query_failure(rq->arena, sqlstate);
    return own ? own : problem;
}

/* The sort values of the last row of a page, as text. */
static struct problem *place_of(struct request *rq, const struct selection *selection,
                                const struct lane_rows *rows, size_t row, size_t first,
                                struct query_place *out_place)
{
    const struct columns *order = query_order_columns(selection->query);
    const char **values = arena_array_of(rq->arena, const char *, order->count);
    for (size_t i = 0; i < order->count; i++) {
        struct db_value value = lane_value(rows, row, first + i);
        if (value.size >= 0)
            TRY(encode_value_text(rq->arena, &order->list[i],
                                  (struct row_value){ value.data, value.size }, &values[i]));
    }
    *out_place = (struct query_place){ values, order->count };
    return NULL;
}

static struct problem *encode_page(struct request *rq, const struct selection *selection,
                                   const struct lane_rows *rows, size_t count, struct buffer *body)
{
    const struct columns *columns = query_columns(selection->query);
    CLEANUP(encoder_free_at)
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

static struct problem *finish_page(struct request *rq, struct reply *rp, void *context,
                                   struct problem *problem, const char *sqlstate,
                                   const struct lane_rows *rows)
{
    const struct selection *selection = context;
    if (problem)
        return failure_of(rq, selection, problem, sqlstate);
    size_t count = lane_row_count(rows);
    if (selection->page && count > (size_t)selection->page) {
        struct query_place place;
        count = (size_t)selection->page;
        TRY(place_of(rq, selection, rows, count - 1, query_columns(selection->query)->count,
                     &place));
        reply_header(rp, "Link", "<%s>; rel=\"next\"",
                     selection_next_url(rq, selection, &place, (int64_t)count));
    }
    struct buffer *body = arena_new_of(rq->arena, struct buffer);
    struct problem *failed = encode_page(rq, selection, rows, count, body);
    const char *text = failed ? NULL : arena_copy(rq->arena, body->data, body->size);
    size_t size = body->size;
    buffer_clear(body);
    return failed ? failed
                  : reply_text(rq, rp, 200, format_media_type(selection->format), text, size);
}

/* An answer on its way: it begins with the first bytes. */
struct streaming {
    struct request *rq;
    struct reply *rp;
    const struct selection *selection;
    bool begun;
};

static struct problem *send_piece(void *sink, struct arena *arena, const void *data, size_t size)
{
    struct streaming *streaming = sink;
    (void)arena; /* the request's */
    if (!streaming->begun) {
        streaming->begun = true;
        TRY(reply_begin(streaming->rq, streaming->rp, 200,
                        format_media_type(streaming->selection->format)));
    }
    return reply_write(streaming->rq, streaming->rp, data, size);
}

static struct problem *stream_all(struct streaming *streaming)
{
    struct request *rq = streaming->rq;
    const struct export export = {
        .format = streaming->selection->format,
        .columns = query_columns(streaming->selection->query),
        .next = export_next_of_stream,
        .source = rq->db,
        .put = send_piece,
        .sink = streaming,
    };
    int64_t rows;
    return export_rows(rq->arena, &export, &rows);
}

/* On a worker: as many rows as there are, at constant memory. */
static struct problem *stream_rows(struct request *rq, struct reply *rp)
{
    const struct selection *selection = rq->state;
    struct streaming streaming = { .rq = rq, .rp = rp, .selection = selection };
    struct db_query sql;
    TRY(selection_sql(rq, selection, &sql));
    struct problem *problem = db_stream_begin(rq->db, rq->arena, &sql);
    if (!problem)
        problem = stream_all(&streaming);
    db_stream_stop(rq->db);
    /* what a format cannot hold is no failure of the statement */
    if (problem && !streaming.begun && problem->kind != &PROBLEM_NOT_ACCEPTABLE)
        return failure_of(rq, selection, problem, db_sqlstate(rq->db));
    return problem;
}

struct problem *rows_answer(struct request *rq, struct reply *rp, struct selection *selection)
{
    selection_cache_headers(rp, selection);
    if (reply_not_modified(rq, rp, selection->etag))
        return NULL;
    selection_headers(rq, rp, selection);
    if (!selection->bounded) {
        if (rq->method == HEAD) /* its length is not known without making it */
            return reply_text(rq, rp, 200, format_media_type(selection->format), "", 0);
        rq->state = selection;
        return reply_by_worker(rq, rp, stream_rows);
    }
    struct db_query sql;
    TRY(selection_sql(rq, selection, &sql));
    return reply_rows(rq, rp, &sql, finish_page, selection);
}
