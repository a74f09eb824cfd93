#include "page.h"

#include "count.h"

#include <assert.h>
#include <string.h>

struct row_value rows_page_value(const struct rows_page *page, size_t row, size_t column)
{
    if (!page->rows) {
        assert(page->values); /* or it has no rows to be asked for */
        return page->values[row * page->width + column];
    }
    struct db_value value = lane_value(page->rows, row, column);
    return (struct row_value){ value.data, value.size };
}

void rows_page_row(const struct rows_page *page, size_t row, struct row_value *out_values)
{
    size_t count = query_columns(page->selection->query)->count;
    _Static_assert(sizeof(struct db_value) == sizeof(struct row_value),
                   "a value as the database gives it is one as the encoders take it");
    if (page->rows)
        lane_row(page->rows, row, count, (struct db_value *)(void *)out_values);
    else
        memcpy(out_values, page->values + row * page->width, count * sizeof *out_values);
}

/* The sort values of a row, as text. */
static struct problem *place_of(struct request *rq, const struct rows_page *page, size_t row,
                                struct query_place *out_place)
{
    const struct columns *order = query_order_columns(page->selection->query);
    size_t first = query_columns(page->selection->query)->count;
    const char **values = arena_array_of(rq->arena, const char *, order->count);
    for (size_t i = 0; i < order->count; i++)
        TRY(encode_value_text(rq->arena, &order->list[i], rows_page_value(page, row, first + i),
                              &values[i]));
    *out_place = (struct query_place){ values, order->count };
    return NULL;
}

/* All rows came: one more than the page has means that another follows. Takes cut: it has fewer
 * than it might, and one more. */
static struct problem *finish(struct request *rq, struct reply *rp, const struct paging *paging,
                              struct rows_page *page, bool cut)
{
    const struct selection *selection = paging->selection;
    page->selection = selection;
    page->context = paging->context;
    page->total = paging->total;
    if (cut || (selection->page && page->count > (size_t)selection->page)) {
        struct query_place place;
        page->count--;
        TRY(place_of(rq, page, page->count - 1, &place));
        page->next_url = selection_next_url(rq, selection, &place, (int64_t)page->count);
    }
    return paging->write(rq, rp, page);
}

/* Gives the bytes of the row. */
static int64_t keep_row(struct request *rq, const struct db_value *row, size_t width,
                        struct buffer *kept)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < width; i++) {
        struct row_value value = { NULL, row[i].size };
        if (value.size >= 0)
            value.data = arena_copy(rq->arena, row[i].data, (size_t)row[i].size);
        buffer_add(kept, &value, sizeof value);
        bytes += value.size > 0 ? value.size : 0;
    }
    return bytes;
}

/* The rows of a page, kept: a stream gives each only until the next. A page whose rows are wide is
 * cut behind the row that fills it, which memory is for. */
static struct problem *collect(struct request *rq, struct buffer *kept, struct rows_page *page,
                               bool *out_cut)
{
    int64_t most = config_number(server_of(rq)->config, CONFIG_PAGE_BYTES);
    int64_t bytes = 0;
    const struct db_value *row;
    bool cut = false;
    while (!cut) {
        TRY(db_stream_next(rq->db, rq->arena, &row, &page->width));
        if (!row)
            break;
        cut = bytes >= most;
        bytes += keep_row(rq, row, page->width, kept);
        page->count++;
    }
    page->values = (const struct row_value *)(const void *)kept->data;
    *out_cut = cut;
    return NULL;
}

static struct problem *work_page(struct request *rq, struct reply *rp, const struct paging *paging)
{
    CLEANUP(buffer_clear) struct buffer kept = { 0 };
    struct rows_page page = { 0 };
    struct db_query sql;
    bool cut = false;
    TRY(selection_sql(rq, paging->selection, &sql));
    struct problem *problem = db_stream_begin(rq->db, rq->arena, &sql);
    if (!problem)
        problem = collect(rq, &kept, &page, &cut);
    db_stream_stop(rq->db);
    return problem ? selection_failure(rq, paging->selection, problem, db_sqlstate(rq->db))
                   : finish(rq, rp, paging, &page, cut);
}

/* On a worker, which has the time that many rows, or the making of a few, take. */
static struct problem *work(struct request *rq, struct reply *rp)
{
    struct paging *paging = rq->state;
    if (paging->counts)
        TRY(count_now(rq, paging->selection, &paging->total));
    if (paging->give)
        return paging->give(rq, rp, paging->total);
    return paging->stream ? paging->stream(rq, rp, paging) : work_page(rq, rp, paging);
}

static struct problem *give_to_worker(struct request *rq, struct reply *rp, struct paging *paging)
{
    rq->state = paging;
    return reply_by_stream(rq, rp, work);
}

static struct problem *failed(struct request *rq, struct reply *rp, struct paging *paging,
                              struct problem *problem, const char *sqlstate)
{
    return selection_took_too_long(sqlstate)
               ? give_to_worker(rq, rp, paging)
               : selection_failure(rq, paging->selection, problem, sqlstate);
}

static struct problem *finish_rows(struct request *rq, struct reply *rp, void *context,
                                   struct problem *problem, const char *sqlstate,
                                   const struct lane_rows *rows)
{
    if (problem)
        return failed(rq, rp, context, problem, sqlstate);
    struct rows_page page = { .rows = rows, .count = lane_row_count(rows) };
    return finish(rq, rp, context, &page, false);
}

static struct problem *ask_rows(struct request *rq, struct reply *rp, struct paging *paging)
{
    struct db_query sql;
    TRY(selection_sql(rq, paging->selection, &sql));
    return reply_rows(rq, rp, &sql, finish_rows, paging);
}

static struct problem *finish_count(struct request *rq, struct reply *rp, void *context,
                                    struct problem *problem, const char *sqlstate,
                                    const struct lane_rows *rows)
{
    struct paging *paging = context;
    if (problem)
        return failed(rq, rp, paging, problem, sqlstate);
    paging->total = count_keep(rq, paging->selection, lane_value(rows, 0, 0));
    paging->counts = false;
    return paging->give ? paging->give(rq, rp, paging->total) : ask_rows(rq, rp, paging);
}

struct problem *paging_answer(struct request *rq, struct reply *rp, struct paging *paging)
{
    struct db_query sql;
    if (paging->give && !paging->counts)
        return paging->give(rq, rp, paging->total);
    if (!paging->selection->bounded && !paging->give)
        return give_to_worker(rq, rp, paging);
    if (!paging->counts)
        return ask_rows(rq, rp, paging);
    TRY(count_sql(rq, paging->selection, &sql));
    return reply_rows(rq, rp, &sql, finish_count, paging);
}

struct paging *paging_new(struct request *rq, const struct selection *selection, bool counts)
{
    struct paging *paging = arena_new_of(rq->arena, struct paging);
    paging->selection = selection;
    paging->total = -1;
    paging->counts = counts && !count_find(rq, selection, &paging->total);
    return paging;
}

struct problem *rows_answer_page(struct request *rq, struct reply *rp,
                                 const struct selection *selection, rows_write *write,
                                 void *context)
{
    struct paging *paging = paging_new(rq, selection, query_wants_count(selection->query));
    paging->write = write;
    paging->context = context;
    return paging_answer(rq, rp, paging);
}

struct problem *rows_count(struct request *rq, struct reply *rp, const struct selection *selection,
                           rows_give_count *give)
{
    struct paging *paging = paging_new(rq, selection, true);
    paging->give = give;
    return paging_answer(rq, rp, paging);
}
