#include "rows.h"

#include "server/formats/wire.h"

#include <assert.h>
#include <string.h>

#define PIECE_BYTES (96 * 1024)

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

void rows_page_row(const struct rows_page *page, size_t row, struct row_value *out_values)
{
    size_t count = query_columns(page->selection->query)->count;
    for (size_t i = 0; i < count; i++) {
        struct db_value value = lane_value(page->rows, row, i);
        out_values[i] = (struct row_value){ value.data, value.size };
    }
}

static struct problem *encode_page(struct request *rq, const struct rows_page *page,
                                   struct buffer *body)
{
    const struct columns *columns = query_columns(page->selection->query);
    struct encoder *encoder = encoder_new(rq->arena, page->selection->format, columns);
    struct row_value *values = arena_array_of(rq->arena, struct row_value, columns->count);
    encoder_begin(encoder, body);
    for (size_t row = 0; row < page->count; row++) {
        rows_page_row(page, row, values);
        TRY(encoder_row(encoder, values, body));
    }
    encoder_end(encoder, body);
    return NULL;
}

/* Rows one after the other, and what else there is to say in header fields. */
static struct problem *write_plain(struct request *rq, struct reply *rp,
                                   const struct rows_page *page)
{
    CLEANUP(buffer_clear) struct buffer body = { 0 };
    if (page->next_url)
        reply_header(rp, "Link", "<%s>; rel=\"next\"", page->next_url);
    TRY(encode_page(rq, page, &body));
    return reply_text(rq, rp, 200, format_media_type(page->selection->format),
                      arena_copy(rq->arena, body.data, body.size), body.size);
}

/* A selection whose statements are under way. */
struct paging {
    const struct selection *selection;
    rows_write *write;
    rows_give_count *give; /* only the number is wanted; NULL: the rows */
    int64_t total;         /* -1: not known */
};

static struct problem *finish_page(struct request *rq, struct reply *rp, void *context,
                                   struct problem *problem, const char *sqlstate,
                                   const struct lane_rows *rows)
{
    const struct paging *paging = context;
    const struct selection *selection = paging->selection;
    if (problem)
        return failure_of(rq, selection, problem, sqlstate);
    struct rows_page page = {
        .selection = selection, .rows = rows, .count = lane_row_count(rows), .total = paging->total
    };
    if (selection->page && page.count > (size_t)selection->page) {
        struct query_place place;
        page.count = (size_t)selection->page;
        TRY(place_of(rq, selection, rows, page.count - 1, query_columns(selection->query)->count,
                     &place));
        page.next_url = selection_next_url(rq, selection, &place, (int64_t)page.count);
    }
    return paging->write(rq, rp, &page);
}

static struct problem *ask_rows(struct request *rq, struct reply *rp, struct paging *paging)
{
    struct db_query sql;
    TRY(selection_sql(rq, paging->selection, &sql));
    return reply_rows(rq, rp, &sql, finish_page, paging);
}

static struct problem *finish_count(struct request *rq, struct reply *rp, void *context,
                                    struct problem *problem, const char *sqlstate,
                                    const struct lane_rows *rows)
{
    struct paging *paging = context;
    if (problem)
        return failure_of(rq, paging->selection, problem, sqlstate);
    struct db_value value = lane_value(rows, 0, 0);
    assert(value.size == 8);
    paging->total = (int64_t)wire_get64(value.data);
    return paging->give ? paging->give(rq, rp, paging->selection, paging->total)
                        : ask_rows(rq, rp, paging);
}

/* All rows of a snapshot were counted when it was made. */
static struct problem *ask_count(struct request *rq, struct reply *rp, struct paging *paging)
{
    const struct selection *selection = paging->selection;
    struct db_query sql;
    if (!query_has_filter(selection->query)) {
        paging->total = selection->snapshot->rows;
        return paging->give ? paging->give(rq, rp, selection, paging->total)
                            : ask_rows(rq, rp, paging);
    }
    TRY(query_count_sql(rq->arena, selection->query, selection_from(rq, selection), &sql));
    return reply_rows(rq, rp, &sql, finish_count, paging);
}

static struct paging *paging_new(struct request *rq, const struct selection *selection)
{
    struct paging *paging = arena_new_of(rq->arena, struct paging);
    paging->selection = selection;
    paging->total = -1;
    return paging;
}

struct problem *rows_answer_page(struct request *rq, struct reply *rp,
                                 const struct selection *selection, rows_write *write)
{
    struct paging *paging = paging_new(rq, selection);
    assert(selection->bounded);
    paging->write = write;
    return query_wants_count(selection->query) ? ask_count(rq, rp, paging)
                                               : ask_rows(rq, rp, paging);
}

struct problem *rows_count(struct request *rq, struct reply *rp, const struct selection *selection,
                           rows_give_count *give)
{
    struct paging *paging = paging_new(rq, selection);
    paging->give = give;
    return ask_count(rq, rp, paging);
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

static struct problem *stream_all(struct streaming *streaming)
{
    struct request *rq = streaming->rq;
    const struct columns *columns = query_columns(streaming->selection->query);
    struct encoder *encoder = encoder_new(rq->arena, streaming->selection->format, columns);
    encoder_begin(encoder, &streaming->piece);
    for (;;) {
        const struct db_value *row;
        size_t count;
        TRY(db_stream_next(rq->db, rq->arena, &row, &count));
        if (!row)
            break;
        _Static_assert(sizeof(struct db_value) == sizeof(struct row_value),
                       "a value as the database gives it is one as the encoders take it");
        TRY(encoder_row(encoder, (const struct row_value *)(const void *)row, &streaming->piece));
        if (streaming->piece.size >= PIECE_BYTES)
            TRY(send_piece(streaming));
    }
    encoder_end(encoder, &streaming->piece);
    return send_piece(streaming);
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
    buffer_clear(&streaming.piece);
    if (problem && !streaming.begun)
        return failure_of(rq, selection, problem, db_sqlstate(rq->db));
    return problem;
}

struct problem *rows_answer(struct request *rq, struct reply *rp, struct selection *selection)
{
    selection_cache_headers(rp, selection);
    if (reply_not_modified(rq, rp, selection->etag))
        return NULL;
    selection_headers(rq, rp, selection);
    reply_header(rp, "Link", "<%s%s/%s/snapshots/%lld>; rel=\"canonical\"", request_base_url(rq),
                 selection->ask.root, selection->datum->name,
                 (long long)selection->snapshot->number);
    if (!selection->bounded) {
        if (rq->method == HEAD) /* its length is not known without making it */
            return reply_text(rq, rp, 200, format_media_type(selection->format), "", 0);
        rq->state = selection;
        return reply_by_worker(rq, rp, stream_rows);
    }
    return rows_answer_page(rq, rp, selection, write_plain);
}
