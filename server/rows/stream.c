#include "stream.h"

#include "server/formats/export.h"

/* An answer on its way: it begins with the first bytes. */
struct streaming {
    struct request *rq;
    struct reply *rp;
    enum format format;
    bool begun;
};

static struct problem *send_piece(void *sink, struct arena *arena, const void *data, size_t size)
{
    struct streaming *streaming = sink;
    (void)arena; /* the request's */
    if (!streaming->begun) {
        streaming->begun = true;
        TRY(reply_begin(streaming->rq, streaming->rp, 200, format_media_type(streaming->format)));
    }
    return reply_write(streaming->rq, streaming->rp, data, size);
}

struct problem *rows_stream(struct request *rq, struct reply *rp, enum format format,
                            const struct columns *columns, const struct db_query *sql,
                            bool *out_begun)
{
    struct streaming streaming = { .rq = rq, .rp = rp, .format = format };
    const struct export export = {
        .format = format,
        .columns = columns,
        .next = export_next_of_stream,
        .source = rq->db,
        .put = send_piece,
        .sink = &streaming,
    };
    int64_t rows;
    struct problem *problem = db_stream_begin_select(rq->db, rq->arena, sql);
    if (!problem)
        problem = export_rows(rq->arena, &export, &rows);
    db_stream_stop(rq->db);
    *out_begun = streaming.begun;
    return problem;
}
