#include "known.h"
#include "page.h"
#include "server/formats/export.h"

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

/* As many rows as there are, at constant memory. */
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

static struct problem *stream_rows(struct request *rq, struct reply *rp,
                                   const struct paging *paging)
{
    const struct selection *selection = paging->selection;
    struct streaming streaming = { .rq = rq, .rp = rp, .selection = selection };
    struct db_query sql;
    tell_total(rp, paging->total);
    if (rq->method == HEAD) /* its length is not known without making it */
        return reply_text(rq, rp, 200, format_media_type(selection->format), "", 0);
    TRY(selection_sql(rq, selection, &sql));
    struct problem *problem = db_stream_begin(rq->db, rq->arena, &sql);
    if (!problem)
        problem = stream_all(&streaming);
    db_stream_stop(rq->db);
    /* what a format cannot hold is no failure of the statement */
    if (problem && !streaming.begun && problem->kind != &PROBLEM_NOT_ACCEPTABLE)
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
    selection_headers(rq, rp, selection);
    reply_own_header(rp, "Link",
                     arena_join(rq->arena, "<", request_base_url(rq), selection->ask.root, "/",
                                selection->datum->name, "/snapshots/", selection->snapshot_text,
                                ">; rel=\"canonical\""));
    struct paging *paging = paging_new(rq, selection, query_wants_count(selection->query));
    paging->write = write_plain;
    if (!selection->page)
        paging->stream = stream_rows;
    if (rq->method == HEAD && !selection->bounded && !selection->page && !paging->counts)
        return stream_rows(rq, rp, paging); /* which needs no worker for it */
    return paging_answer(rq, rp, paging);
}
