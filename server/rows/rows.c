#include "known.h"
#include "page.h"
#include "stream.h"
#include "table_order.h"

static struct problem *encode_page(struct request *rq, const struct rows_page *page,
                                   struct buffer *body)
{
    const struct columns *columns = query_columns(page->selection->query);
    CLEANUP(encoder_free_at)
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

static void tell_total(struct reply *rp, int64_t total)
{
    if (total >= 0)
        reply_header(rp, "Total-Count", "%lld", (long long)total);
}

/* Rows one after the other, and what else there is to say in header fields. */
static struct problem *write_plain(struct request *rq, struct reply *rp,
                                   const struct rows_page *page)
{
    tell_total(rp, page->total);
    if (page->next_url)
        reply_header(rp, "Link", "<%s>; rel=\"next\"", page->next_url);
    TRY(encode_page(rq, page, reply_buffer(rq)));
    return reply_buffered(rq, rp, 200, format_media_type(page->selection->format));
}

static struct problem *stream_rows(struct request *rq, struct reply *rp,
                                   const struct paging *paging)
{
    const struct selection *selection = paging->selection;
    struct db_query sql;
    bool begun;
    tell_total(rp, paging->total);
    if (rq->method == HEAD) /* its length is not known without making it */
        return reply_head(rq, rp, 200, format_media_type(selection->format));
    TRY(selection_sql(rq, selection, &sql));
    if (!selection->bounded)
        TRY(selection->ordered ? table_order_begin_sorted(rq->db, rq->arena)
                               : table_order_begin(rq->db, rq->arena));
    struct problem *problem =
        rows_stream(rq, rp, selection->format, query_columns(selection->query), &sql, &begun);
    /* what a format cannot hold is no failure of the statement */
    if (problem && !begun && problem->kind != &PROBLEM_NOT_ACCEPTABLE)
        return selection_failure(rq, selection, problem, db_sqlstate(rq->db));
    return problem;
}

struct problem *rows_answer(struct request *rq, struct reply *rp, struct selection *selection)
{
    selection_cache_headers(rp, selection->pinned);
    if (reply_not_modified(rq, rp, selection->etag)) {
        known_keep(rq, selection);
        return NULL;
    }
    selection_headers(rq, rp, selection, true);
    struct paging *paging = paging_new(rq, selection, query_wants_count(selection->query));
    paging->write = write_plain;
    if (!selection->page)
        paging->stream = stream_rows;
    if (rq->method == HEAD && !selection->bounded && !selection->page && !paging->counts)
        return stream_rows(rq, rp, paging); /* which needs no worker for it */
    return paging_answer(rq, rp, paging);
}
