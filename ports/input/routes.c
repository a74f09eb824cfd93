#include "routes.h"

#include "delivery.h"
#include "server/server.h"
#include "sql.h"

#include "server/base/text.h"
#include <string.h>

#define LIST_MOST 1000

static struct problem *read_format(struct request *rq, struct delivery_request *request)
{
    const char *media_type = request_header(rq, "Content-Type");
    request->media_type = media_type ? media_type : "";
    request->format = intake_format_of(request->media_type);
    if (request->format == INTAKE_NONE)
        return problem_new(
            rq->arena, &PROBLEM_MEDIA_TYPE,
            "send text/csv, application/json or application/x-ndjson as Content-Type,"
            " not \"%s\"",
            request->media_type);
    const char *charset = strcasestr(request->media_type, "charset=");
    if (charset && !strcasestr(charset, "utf-8") && !strcasestr(charset, "us-ascii"))
        return problem_new(rq->arena, &PROBLEM_MEDIA_TYPE, "send the body as UTF-8, not %s",
                           request->media_type);
    const char *coding = request_header(rq, "Content-Encoding");
    if (coding && strcmp(coding, "identity") != 0)
        return problem_new(rq->arena, &PROBLEM_MEDIA_TYPE,
                           "send the body as it is; Content-Encoding %s is not understood here",
                           coding);
    request->pointer = request_option(rq, "pointer");
    if (request->pointer && request->format != INTAKE_JSON)
        return problem_new(rq->arena, &PROBLEM_BAD_QUERY,
                           "pointer says where the rows are in JSON; this is %s",
                           request->media_type);
    if (request->pointer && *request->pointer && request->pointer[0] != '/')
        return problem_new(rq->arena, &PROBLEM_BAD_QUERY,
                           "pointer is a JSON pointer and begins with /");
    return NULL;
}

static struct problem *read_key(struct request *rq, struct delivery_request *request)
{
    request->idempotency_key = request_header(rq, "Idempotency-Key");
    if (!request->idempotency_key)
        return NULL;
    size_t size = strlen(request->idempotency_key);
    if (size < 1 || size > 200)
        return problem_new(rq->arena, &PROBLEM_BAD_REQUEST,
                           "Idempotency-Key must have 1 to 200 bytes, not %zu", size);
    return NULL;
}

static struct problem *post_delivery(struct request *rq, struct reply *rp)
{
    static const char *const known[] = { "pointer", NULL };
    struct delivery_request request = { .subject = server_subject(rq) };
    struct delivery_receipt receipt;
    struct access_decision decision;
    const char *name = request_path(rq, 0);
    TRY(server_known_options(rq, known));
    TRY(server_dataset(rq, CONTRACT_OF_INPUT, name, ACCESS_WRITE, &request.datum, &decision));
    TRY(read_format(rq, &request));
    TRY(read_key(rq, &request));
    TRY(delivery_receive(rq, &request, &receipt));
    reply_header(rp, "Location", "%s/input/%s/deliveries/%lld", request_base_url(rq), name,
                 (long long)receipt.number);
    if (receipt.replayed)
        reply_header(rp, "Idempotency-Replayed", "true");
    return reply_json(rq, rp, receipt.replayed ? 200 : 201,
                      json_pack("{s:s, s:I, s:s, s:I, s:I, s:s, s:b}", "dataset", name, "delivery",
                                (json_int_t)receipt.number, "state", "accepted", "rows",
                                (json_int_t)receipt.rows, "bytes", (json_int_t)receipt.bytes,
                                "sha256", receipt.sha256, "replayed", (int)receipt.replayed));
}

struct delivery_row {
    struct request *rq;
    json_t *list;
    int64_t number, rows, bytes, received_at, finished_at;
    const char *state, *contract_version, *media_type, *subject, *sha256, *reason;
};

static struct problem *add_delivery(void *context)
{
    struct delivery_row *row = context;
    json_t *item =
        json_pack("{s:I, s:s, s:I, s:I, s:s?, s:s, s:s, s:s, s:o, s:o, s:s?}", "delivery",
                  (json_int_t)row->number, "state", row->state, "rows", (json_int_t)row->rows,
                  "bytes", (json_int_t)row->bytes, "sha256", row->sha256, "contract_version",
                  row->contract_version, "media_type", row->media_type, "subject", row->subject,
                  "received_at", server_json_time(row->rq, row->received_at), "finished_at",
                  server_json_time(row->rq, row->finished_at), "reason", row->reason);
    if (!item || json_array_append_new(row->list, item))
        return problem_new(row->rq->arena, &PROBLEM_INTERNAL, "the deliveries cannot be written");
    return NULL;
}

/* Deliveries below a number, newest first, appended to list. */
static struct problem *list_deliveries(struct request *rq, const struct catalogue_datum *datum,
                                       int64_t below, int64_t most, json_t *list)
{
    struct delivery_row row = { .rq = rq, .list = list };
    const struct db_param in[] = { db_int64(datum->id), db_int64(below), db_int64(most) };
    const struct db_column out[] = {
        db_to_int64(&row.number),
        db_to_text(&row.state),
        db_to_text(&row.contract_version),
        db_to_text(&row.media_type),
        db_to_text(&row.subject),
        db_to_int64(&row.rows),
        db_to_int64(&row.bytes),
        db_to_text(&row.sha256),
        db_to_text(&row.reason),
        db_to_time(&row.received_at),
        db_to_time_or(&row.finished_at, 0),
    };
    return db_each(rq->db, rq->arena, &sql_delivery_list, in, COUNT(in), out, COUNT(out),
                   add_delivery, &row);
}

CLEANUP_DEFINE(json_t *, json_decref)

static struct problem *get_deliveries(struct request *rq, struct reply *rp)
{
    static const char *const known[] = { "top", "before", NULL };
    const struct catalogue_datum *datum;
    struct access_decision decision;
    int64_t top;
    int64_t before;
    TRY(server_known_options(rq, known));
    TRY(server_dataset(rq, CONTRACT_OF_INPUT, request_path(rq, 0), ACCESS_READ, &datum, &decision));
    TRY(server_number_option(rq, "top", 1, LIST_MOST, 100, &top));
    TRY(server_number_option(rq, "before", 1, INT64_MAX, INT64_MAX, &before));
    CLEANUP(json_decref_at) json_t *list = json_array();
    TRY(list_deliveries(rq, datum, before, top, list));
    if ((int64_t)json_array_size(list) == top) {
        const json_t *last = json_array_get(list, (size_t)top - 1);
        reply_header(rp, "Link", "<%s/input/%s/deliveries?top=%lld&before=%lld>; rel=\"next\"",
                     request_base_url(rq), datum->name, (long long)top,
                     (long long)json_integer_value(json_object_get(last, "delivery")));
    }
    return reply_json(rq, rp, 200, TAKE(list));
}

static struct problem *get_delivery(struct request *rq, struct reply *rp)
{
    const struct catalogue_datum *datum;
    struct access_decision decision;
    int64_t number;
    TRY(server_dataset(rq, CONTRACT_OF_INPUT, request_path(rq, 0), ACCESS_READ, &datum, &decision));
    CLEANUP(json_decref_at) json_t *list = json_array();
    bool is_number =
        text_to_int64(request_path(rq, 1), &number) && number > 0 && number < INT64_MAX;
    if (is_number)
        TRY(list_deliveries(rq, datum, number + 1, 1, list));
    const json_t *item = json_array_get(list, 0);
    if (!item || json_integer_value(json_object_get(item, "delivery")) != number)
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "%s has no delivery %s", datum->name,
                           request_path(rq, 1));
    return reply_json(rq, rp, 200, json_incref(json_array_get(list, 0)));
}

static struct problem *get_dataset(struct request *rq, struct reply *rp)
{
    const struct catalogue_datum *datum;
    struct access_decision decision;
    TRY(server_dataset(rq, CONTRACT_OF_INPUT, request_path(rq, 0), ACCESS_READ, &datum, &decision));
    const struct contract *contract = datum->contract;
    return reply_json(rq, rp, 200,
                      json_pack("{s:s, s:s, s:I, s:{s:s, s:s}, s:s}", "dataset", datum->name,
                                "mode", contract_mode_name(datum->mode), "current_delivery",
                                (json_int_t)datum->current, "contract", "id", contract->id,
                                "version", contract->version, "deliveries",
                                arena_print(rq->arena, "%s/input/%s/deliveries",
                                            request_base_url(rq), datum->name)));
}

static const struct route routes[] = {
    { POST, "/input/{dataset}", SCOPE_INPUT_WRITE, WORK, ROUTE_DELIVERY, post_delivery,
      "Deliver rows: CSV, JSON or NDJSON, stored whole or not at all", NULL, "pointer" },
    { GET, "/input/{dataset}", SCOPE_INPUT_READ, READ, 0, get_dataset,
      "One input dataset and its current delivery", NULL, NULL },
    { GET, "/input/{dataset}/deliveries", SCOPE_INPUT_READ, WORK, 0, get_deliveries,
      "Deliveries, newest first", NULL, "top before" },
    { GET, "/input/{dataset}/deliveries/{number}", SCOPE_INPUT_READ, WORK, 0, get_delivery,
      "One delivery", NULL, NULL },
};
const struct route_set input_routes = { "input", routes, COUNT(routes) };
