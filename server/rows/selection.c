#include "selection.h"

#include "server/base/buffer.h"
#include "server/base/clock.h"
#include "server/base/digest.h"
#include "server/base/text.h"
#include "visible.h"

#include <string.h>

/* Options of a request for rows that are not the query language's. */
static const char *const own_options[] = { "format", "snapshot", "maxpagesize", NULL };
static const char *const own_options_in_time[] = { "as_of", "format", "maxpagesize", NULL };

/* Rows that are numbered, and so all sorted, in a moment. */
#define NUMBERED_MOST 10000

struct problem *selection_retired(struct request *rq, const struct catalogue_datum *datum,
                                  int64_t number)
{
    struct problem *problem =
        problem_new(rq->arena, &PROBLEM_SNAPSHOT_RETIRED,
                    "snapshot %lld of %s is retired; the current one is %lld", (long long)number,
                    datum->name, (long long)datum->current);
    problem_add_text(rq->arena, problem, "current",
                     arena_print(rq->arena, "%s/output/%s", request_base_url(rq), datum->name));
    return problem;
}

struct problem *selection_failure(struct request *rq, const struct selection *selection,
                                  struct problem *problem, const char *sqlstate)
{
    if (strcmp(sqlstate, "42P01") == 0) /* its tables were dropped meanwhile */
        return selection_retired(rq, selection->datum, selection->snapshot->number);
    struct problem *own = query_failure(rq->arena, sqlstate);
    return own ? own : problem;
}

bool selection_took_too_long(const char *sqlstate)
{
    return strcmp(sqlstate, "57014") == 0;
}

struct problem *selection_snapshot(struct request *rq, const struct catalogue_datum *datum,
                                   int64_t number, const struct catalogue_snapshot **out_snapshot)
{
    if (!datum->current)
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "nothing has been published in %s yet",
                           datum->name);
    int64_t wanted = number ? number : datum->current;
    const struct catalogue_snapshot *snapshot = catalogue_snapshot(datum, wanted);
    if (!snapshot && wanted > datum->current)
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND,
                           "%s has no snapshot %lld yet; the current one is %lld", datum->name,
                           (long long)wanted, (long long)datum->current);
    if (!snapshot || snapshot->retired)
        return selection_retired(rq, datum, wanted);
    *out_snapshot = snapshot;
    return NULL;
}

struct problem *selection_number(struct request *rq, const struct catalogue_datum *datum,
                                 const char *text, int64_t *out_number)
{
    if (text_to_int64(text, out_number) && *out_number > 0)
        return NULL;
    return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "%s has no snapshot %s", datum->name, text);
}

static struct problem *choose_snapshot(struct request *rq, struct selection *selection,
                                       int64_t number)
{
    TRY(selection_snapshot(rq, selection->datum, number, &selection->snapshot));
    selection->snapshot_text = arena_int64(rq->arena, selection->snapshot->number);
    selection->from = catalogue_snapshot_from(rq->arena, selection->snapshot);
    return NULL;
}

struct problem *selection_format(struct request *rq, enum format *out_format)
{
    enum format format;
    const char *name = request_query_option(rq, "format");
    if (name) {
        format = format_by_name(name);
        if (format == FORMAT_NONE && *name)
            format = format_by_accept(name); /* OData allows a media type here */
    } else {
        format = format_by_accept(request_header(rq, "Accept"));
    }
    if (format == FORMAT_NONE)
        return problem_new(rq->arena, &PROBLEM_NOT_ACCEPTABLE,
                           "rows are served as application/json, application/x-ndjson, text/csv, "
                           "application/vnd.apache.parquet and "
                           "application/vnd.apache.arrow.stream (format=json, ndjson, csv, "
                           "parquet, parquet-uncompressed, arrow)");
    *out_format = format;
    return NULL;
}

static bool is_option(const char *name, const char *option)
{
    return text_equal_caseless(name + (name[0] == '$'), option);
}

static struct problem *parse_query(struct request *rq, struct selection *selection,
                                   const struct access_decision *decision)
{
    size_t count;
    const struct request_option *given = request_options(rq, &count);
    struct query_option *options = arena_array_of(rq->arena, struct query_option, count + 1);
    for (size_t i = 0; i < count; i++)
        options[i] = (struct query_option){ given[i].name, given[i].value };
    if (selection->ask.select)
        options[count++] = (struct query_option){ "select", selection->ask.select };
    const struct columns *all = &selection->snapshot->contract->columns;
    struct columns *visible = arena_new_of(rq->arena, struct columns);
    *visible = visible_columns(rq->arena, all, decision, selection->ask.keyed, &selection->number);
    selection->columns = visible;
    if (!visible->count)
        return problem_new(rq->arena, &PROBLEM_FORBIDDEN,
                           "the access rules of this product hide every column of %s",
                           selection->datum->name);
    if (selection->ask.select && !columns_find(visible, selection->ask.select, false))
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "%s has no property %s",
                           selection->datum->name, selection->ask.select);
    const struct query_limits limits = query_limits_of(server_of(rq)->config);
    TRY(query_parse(rq->arena, visible, options, count,
                    selection->ask.in_time ? own_options_in_time : own_options, &limits,
                    &selection->query));
    query_set_name(rq->arena, selection->query, selection->datum->name);
    if (selection->ask.key)
        TRY(query_key(rq->arena, selection->ask.key, options, count, &limits, selection->query));
    if (decision->row_filters)
        TRY(query_restrict(rq->arena, all, decision->row_filters, &query_default_limits,
                           selection->query));
    return NULL;
}

/* A page size by Prefer: maxpagesize=N (RFC 7240), or by the option that next links carry. */
static struct problem *read_page(struct request *rq, struct selection *selection)
{
    int64_t most = config_number(server_of(rq)->config, CONFIG_PAGE_ROWS);
    TRY(server_number_option(rq, "maxpagesize", 1, INT64_MAX, 0, &selection->page));
    const char *prefer = request_header(rq, "Prefer");
    for (char **words = text_split(rq->arena, prefer ? prefer : "", ", ;"); *words; words++) {
        const char *word = *words + (text_starts(*words, "odata.") ? strlen("odata.") : 0);
        int64_t size;
        if (!text_starts(word, "maxpagesize=")
            || !text_to_int64(word + strlen("maxpagesize="), &size) || size < 1)
            continue; /* a preference not understood is ignored */
        selection->preference = word == *words ? "maxpagesize" : "odata.maxpagesize";
        if (!selection->page)
            selection->page = size;
    }
    if (selection->page > most || (!selection->page && selection->ask.paged))
        selection->page = most;
    return NULL;
}

static struct problem *read_place(struct request *rq, struct selection *selection,
                                  int64_t *out_snapshot)
{
    /* the snapshot is in the token, and the token is checked against the query: parse first */
    const char *token = query_token(selection->query);
    const struct server *server = server_of(rq);
    if (!token)
        return NULL;
    struct query_place *place = arena_new_of(rq->arena, struct query_place);
    TRY(query_token_open(rq->arena, server->token_key, server->token_key_size, token,
                         selection->query, out_snapshot, &selection->remaining, place));
    selection->place = place;
    return NULL;
}

static const char *make_etag(struct request *rq, const struct selection *selection,
                             const struct access_decision *decision)
{
    const char *token = query_token(selection->query);
    const char *variant = selection->ask.variant;
    const char *identity = arena_join(
        rq->arena, arena_int64(rq->arena, selection->snapshot->id), "|",
        selection->snapshot->sha256, "|", selection->snapshot->contract->sha256, "|",
        query_canonical(rq->arena, selection->query), "|", format_name(selection->format), "|",
        variant ? variant : "", "|", arena_int64(rq->arena, selection->page), "|",
        token ? token : "", "|", decision->fingerprint, "|", request_base_url(rq));
    unsigned char sum[DIGEST_BYTES];
    digest_sha256(identity, strlen(identity), sum);
    return arena_hex(rq->arena, sum, 16);
}

/* Is that little enough for the memory of a loop, if the rows of the snapshot are alike? */
static bool is_light(struct request *rq, const struct selection *selection, int64_t rows)
{
    const struct catalogue_snapshot *snapshot = selection->snapshot;
    int64_t most = config_number(server_of(rq)->config, CONFIG_PAGE_BYTES);
    return snapshot->bytes <= most || !snapshot->rows
           || rows * (snapshot->bytes / snapshot->rows) <= most;
}

static void choose_lane(struct request *rq, struct selection *selection)
{
    int64_t most = config_number(server_of(rq)->config, CONFIG_PAGE_ROWS);
    int64_t wanted = selection->remaining;
    int64_t rows =
        selection->page && (wanted < 0 || wanted > selection->page) ? selection->page : wanted;
    bool one_row = selection->ask.key || query_is_one_row(selection->query);
    bool few = one_row || selection->page || (wanted >= 0 && wanted <= most);
    bool many_numbered = selection->number && selection->snapshot->rows > NUMBERED_MOST;
    /* few rows of apply may be made of many */
    selection->bounded = few && !query_has_apply(selection->query) && !many_numbered
                         && (one_row || is_light(rq, selection, rows));
    /* a whole snapshot comes in the order of its table, which never changes; a part must be cut by
     * an order that says which part */
    selection->ordered = !one_row
                         && (selection->page || selection->place || wanted >= 0
                             || query_skip(selection->query) || query_has_order(selection->query));
}

struct problem *selection_make(struct request *rq, const struct selection_ask *ask,
                               struct selection **out_selection)
{
    struct selection *selection = arena_new_of(rq->arena, struct selection);
    struct access_decision decision;
    const char *snapshot = ask->snapshot;
    int64_t number = 0;
    selection->ask = *ask;
    TRY(server_dataset(rq, CONTRACT_OF_OUTPUT, ask->dataset, ACCESS_READ, &selection->datum,
                       &decision));
    if (snapshot)
        TRY(selection_number(rq, selection->datum, snapshot, &number));
    else
        TRY(server_number_option(rq, "snapshot", 1, INT64_MAX, 0, &number));
    TRY(choose_snapshot(rq, selection, number));
    selection->format = ask->format;
    if (ask->format == FORMAT_NONE)
        TRY(selection_format(rq, &selection->format));
    TRY(parse_query(rq, selection, &decision));
    TRY(read_page(rq, selection));
    selection->remaining = query_top(selection->query);
    int64_t in_token = 0;
    TRY(read_place(rq, selection, &in_token));
    if (in_token)
        TRY(choose_snapshot(rq, selection, in_token));
    selection->pinned = (number && !ask->in_time) || in_token;
    selection->etag = make_etag(rq, selection, &decision);
    choose_lane(rq, selection);
    *out_selection = selection;
    return NULL;
}

/* Rows numbered by what the subject sees of them, so that rows it cannot tell apart may change
 * places, and what is hidden shows nowhere. Names of columns are [a-z0-9_]. */
static const char *numbered(struct request *rq, const struct selection *selection)
{
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    const struct columns *columns = selection->columns;
    buffer_add_text(&sql, "(SELECT row_number() OVER (ORDER BY ");
    for (size_t i = 1; i < columns->count; i++)
        buffer_print(&sql, "%s\"%s\"", i > 1 ? ", " : "", columns->list[i].name);
    buffer_print(&sql, ") AS \"%s\", * FROM %s) AS numbered", selection->number, selection->from);
    return arena_copy(rq->arena, sql.data, sql.size);
}

const char *selection_from(struct request *rq, const struct selection *selection)
{
    return selection->number ? numbered(rq, selection) : selection->from;
}

struct problem *selection_sql(struct request *rq, const struct selection *selection,
                              struct db_query *out_sql)
{
    int64_t limit = selection->remaining;
    if (selection->page && (limit < 0 || limit > selection->page))
        limit = selection->page + 1;
    bool placed = selection->page || selection->ask.placed;
    TRY(query_sql(rq->arena, selection->query, selection_from(rq, selection), limit,
                  selection->place, placed, selection->ordered, out_sql));
    if (query_is_whole(selection->query) && limit < 0 && !selection->place && !placed
        && !selection->ordered && !selection->number)
        out_sql->table = catalogue_snapshot_table(rq->arena, selection->snapshot,
                                                  query_columns(selection->query));
    out_sql->costly = !selection->ask.key && !query_is_one_row(selection->query);
    return NULL;
}

const char *selection_next_url(struct request *rq, const struct selection *selection,
                               const struct query_place *place, int64_t sent)
{
    const struct server *server = server_of(rq);
    CLEANUP(buffer_clear) struct buffer url = { 0 };
    size_t count;
    const struct request_option *options = request_options(rq, &count);
    buffer_print(&url, "%s%s/%s?", request_base_url(rq), selection->ask.root,
                 selection->datum->name);
    for (size_t i = 0; i < count; i++) {
        const char *name = options[i].name;
        if (is_option(name, "skiptoken") || is_option(name, "maxpagesize")
            || is_option(name, "snapshot") || is_option(name, "as_of"))
            continue;
        buffer_print(&url, "%s=%s&", text_percent_encode(rq->arena, name),
                     text_percent_encode(rq->arena, options[i].value));
    }
    int64_t remaining = selection->remaining < 0 ? -1 : selection->remaining - sent;
    buffer_print(&url, "maxpagesize=%lld&skiptoken=%s", (long long)selection->page,
                 query_token_make(rq->arena, server->token_key, server->token_key_size,
                                  selection->snapshot->number, remaining, selection->query, place));
    return arena_copy(rq->arena, url.data, url.size);
}

void selection_cache_headers(struct reply *rp, bool pinned)
{
    reply_own_header(rp, "Cache-Control",
                     pinned ? "private, max-age=31536000, immutable" : "private, no-cache");
    reply_own_header(rp, "Vary", "Accept, Authorization, Prefer");
}

void selection_headers(struct request *rq, struct reply *rp, const struct selection *selection,
                       bool canonical)
{
    const struct catalogue_snapshot *snapshot = selection->snapshot;
    reply_own_header(rp, "Last-Modified", clock_http_text(rq->arena, snapshot->published_at));
    reply_own_header(rp, "Snapshot", selection->snapshot_text);
    /* the host of a base URL was looked through when it came (hygiene.c) */
    const char *base = request_base_url(rq);
    const char *contract =
        arena_join(rq->arena, "<", base, "/discovery/contracts/", snapshot->contract->id, "/",
                   snapshot->contract->version, ">; rel=\"describedby\"");
    if (!canonical)
        reply_own_header(rp, "Link", contract);
    else
        reply_own_header(rp, "Link",
                         arena_join(rq->arena, contract, ", <", base, selection->ask.root, "/",
                                    selection->datum->name, "/snapshots/", selection->snapshot_text,
                                    ">; rel=\"canonical\""));
    if (format_is_columnar(selection->format)) /* no browser shows it, so it is saved */
        reply_header(rp, "Content-Disposition", "attachment; filename=\"%s-%lld.%s\"",
                     selection->datum->name, (long long)snapshot->number,
                     format_extension(selection->format));
    /* the option of a next link carries on what was preferred once */
    const char *preference = selection->preference;
    if (!preference && selection->page && !selection->ask.paged)
        preference = "maxpagesize";
    if (preference)
        reply_header(rp, "Preference-Applied", "%s=%lld", preference, (long long)selection->page);
}
