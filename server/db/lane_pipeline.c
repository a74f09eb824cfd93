#include "lane_pipeline.h"

#include "failure.h"

#include <stdlib.h>
#include <string.h>

CLEANUP_DEFINE(PGresult *, PQclear)

enum item_kind { ITEM_PREPARE, ITEM_QUERY, ITEM_DROP, ITEM_SYNC };

/* Something sent that libpq will give an answer for. */
struct lane_item {
    enum item_kind kind;
    bool answered;
    uint32_t number; /* of the prepared statement meant */
    struct lane_statement *statement;
    struct lane_request *request; /* of ITEM_QUERY; NULL once it was answered */
};

void lane_pipeline_init(struct lane_pipeline *pipeline, struct lane *lane)
{
    *pipeline = (struct lane_pipeline){ .lane = lane, .statements = lane_statements_new() };
}

void lane_pipeline_clear(struct lane_pipeline *pipeline)
{
    lane_statements_free(TAKE(pipeline->statements));
    free(TAKE(pipeline->items));
}

/* The ring. */

static struct lane_item *item_at(struct lane_pipeline *pipeline, size_t place)
{
    return &pipeline->items[(pipeline->first + place) & (pipeline->capacity - 1)];
}

static void grow(struct lane_pipeline *pipeline)
{
    size_t capacity = pipeline->capacity ? pipeline->capacity * 2 : 64;
    struct lane_item *items = reallocarray(NULL, capacity, sizeof *items);
    if (!items)
        abort();
    for (size_t i = 0; i < pipeline->count; i++)
        items[i] = *item_at(pipeline, i);
    free(pipeline->items);
    pipeline->items = items;
    pipeline->capacity = capacity;
    pipeline->first = 0;
}

static void push(struct lane_pipeline *pipeline, struct lane_item item)
{
    if (pipeline->count == pipeline->capacity)
        grow(pipeline);
    *item_at(pipeline, pipeline->count++) = item;
    pipeline->pending += item.kind == ITEM_QUERY;
}

static void pop(struct lane_pipeline *pipeline)
{
    struct lane_item *item = item_at(pipeline, 0);
    if (item->kind == ITEM_QUERY) {
        pipeline->pending--;
        if (item->statement)
            item->statement->flights--;
    }
    pipeline->first = (pipeline->first + 1) & (pipeline->capacity - 1);
    pipeline->count--;
}

bool lane_pipeline_begin(struct lane_pipeline *pipeline, PGconn *connection)
{
    lane_statements_clear(pipeline->statements);
    pipeline->connection = connection;
    return !PQsetnonblocking(connection, 1) && PQenterPipelineMode(connection);
}

void lane_pipeline_end(struct lane_pipeline *pipeline)
{
    pipeline->connection = NULL;
    pipeline->unsynced = false;
    pipeline->unflushed = false;
    while (pipeline->count) {
        struct lane_request *request = item_at(pipeline, 0)->request;
        pop(pipeline);
        if (request)
            lane_returned(pipeline->lane, request, LANE_LOST);
    }
}

void lane_pipeline_forget(struct lane_pipeline *pipeline, const void *context)
{
    for (size_t i = 0; i < pipeline->count; i++) {
        struct lane_request *request = item_at(pipeline, i)->request;
        if (request && request->context == context)
            request->done = NULL;
    }
}

/* Sending. */

static bool sync_batch(struct lane_pipeline *pipeline)
{
    if (!PQpipelineSync(pipeline->connection))
        return false;
    push(pipeline, (struct lane_item){ .kind = ITEM_SYNC });
    pipeline->unsynced = false;
    pipeline->unflushed = true;
    return true;
}

/* First in a batch, where nothing can fail before them. */
static bool send_drops(struct lane_pipeline *pipeline)
{
    uint32_t number;
    while ((number = lane_statements_next_drop(pipeline->statements))) {
        char text[sizeof "DEALLOCATE " + LANE_NAME_BYTES] = "DEALLOCATE ";
        (void)lane_statements_name(number, text + strlen(text));
        if (!PQsendQueryParams(pipeline->connection, text, 0, NULL, NULL, NULL, NULL, 1))
            return false;
        push(pipeline, (struct lane_item){ .kind = ITEM_DROP });
    }
    return true;
}

static bool send_prepare(struct lane_pipeline *pipeline, struct lane_statement *statement,
                         const struct lane_request *request)
{
    char name[LANE_NAME_BYTES];
    lane_statements_number(pipeline->statements, statement);
    if (!PQsendPrepare(pipeline->connection, lane_statements_name(statement->number, name),
                       request->text, request->params.count, request->params.types))
        return false;
    push(pipeline, (struct lane_item){
                       .kind = ITEM_PREPARE, .statement = statement, .number = statement->number });
    return true;
}

static bool send_query(struct lane_pipeline *pipeline, struct lane_statement *statement,
                       struct lane_request *request)
{
    const struct params *params = &request->params;
    char name[LANE_NAME_BYTES];
    int sent;
    if (statement)
        sent =
            PQsendQueryPrepared(pipeline->connection, lane_statements_name(statement->number, name),
                                params->count, params->values, params->lengths, params->formats, 1);
    else
        sent = PQsendQueryParams(pipeline->connection, request->text, params->count, params->types,
                                 params->values, params->lengths, params->formats, 1);
    if (!sent)
        return false;
    if (statement)
        statement->flights++;
    push(pipeline, (struct lane_item){ .kind = ITEM_QUERY,
                                       .statement = statement,
                                       .number = statement ? statement->number : 0,
                                       .request = request });
    return true;
}

/* One that came back goes in a batch of its own, and leans on nothing prepared. */
static bool send_alone(struct lane_pipeline *pipeline, struct lane_request *request)
{
    if (pipeline->unsynced && !sync_batch(pipeline))
        return false;
    return send_query(pipeline, NULL, request) && sync_batch(pipeline);
}

static bool send_batched(struct lane_pipeline *pipeline, struct lane_request *request)
{
    if (!pipeline->unsynced && !send_drops(pipeline))
        return false;
    pipeline->unsynced = true;
    struct lane_statement *statement =
        lane_statements_find(pipeline->statements, request->text, &request->params);
    if (statement && !statement->number && !send_prepare(pipeline, statement, request))
        return false;
    return send_query(pipeline, statement, request);
}

bool lane_pipeline_send(struct lane_pipeline *pipeline, struct lane_request *request)
{
    return request->alone ? send_alone(pipeline, request) : send_batched(pipeline, request);
}

bool lane_pipeline_sync(struct lane_pipeline *pipeline)
{
    return !pipeline->unsynced || sync_batch(pipeline);
}

/* Answers. */

static void unprepare(struct lane_pipeline *pipeline, const struct lane_item *item, bool exists)
{
    if (item->statement && item->statement->number == item->number)
        lane_statements_expire(pipeline->statements, item->statement, exists);
}

static void take_query(struct lane_pipeline *pipeline, struct lane_item *item,
                       const PGresult *result)
{
    struct lane_request *request = TAKE(item->request);
    if (!request)
        return; /* its statement could not be prepared, and it knows */
    ExecStatusType status = PQresultStatus(result);
    bool again = status == PGRES_PIPELINE_ABORTED;
    if (status == PGRES_FATAL_ERROR) {
        const char *sqlstate = failure_sqlstate(result);
        bool outdated = failure_is_outdated(result);
        bool stale = outdated || failure_is_unprepared(sqlstate);
        if (stale)
            unprepare(pipeline, item, outdated);
        again = stale || failure_is_retryable(sqlstate);
    }
    if (again)
        lane_returned(pipeline->lane, request, LANE_ABORTED);
    else
        lane_answered(pipeline->lane, request, result);
}

/* The query of a statement stands right behind its preparation. */
static void take_prepare(struct lane_pipeline *pipeline, struct lane_item *item,
                         const PGresult *result)
{
    if (PQresultStatus(result) == PGRES_COMMAND_OK)
        return;
    unprepare(pipeline, item, false);
    if (PQresultStatus(result) == PGRES_FATAL_ERROR)
        take_query(pipeline, item_at(pipeline, 1), result);
}

static void take(struct lane_pipeline *pipeline, struct lane_item *item, const PGresult *result)
{
    item->answered = true;
    if (item->kind == ITEM_QUERY)
        take_query(pipeline, item, result);
    else if (item->kind == ITEM_PREPARE)
        take_prepare(pipeline, item, result);
}

/* Does the result end the connection, or make no sense where it stands? */
static bool is_end(const struct lane_item *item, const PGresult *result)
{
    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
    case PGRES_PIPELINE_ABORTED:
        return item->kind == ITEM_SYNC || item->answered;
    case PGRES_PIPELINE_SYNC:
        return item->kind != ITEM_SYNC;
    case PGRES_FATAL_ERROR:
        return item->kind == ITEM_SYNC || item->answered || failure_is_fatal(result);
    default:
        return true;
    }
}

/* Each answer ends with NULL, except the one to a sync. */
bool lane_pipeline_read(struct lane_pipeline *pipeline)
{
    int nothings = 0;
    while (pipeline->count && !PQisBusy(pipeline->connection)) {
        CLEANUP(PQclear_at) PGresult *result = PQgetResult(pipeline->connection);
        struct lane_item *item = item_at(pipeline, 0);
        nothings = result || item->answered ? 0 : nothings + 1;
        if (nothings > 2 || (result && is_end(item, result)))
            return false; /* libpq counts other answers than we do, or Postgres goes away */
        if (result && item->kind != ITEM_SYNC)
            take(pipeline, item, result);
        else if (result || item->answered)
            pop(pipeline);
    }
    return true;
}
