#include "selection.h"

#include "server/base/buffer.h"
#include "server/base/clock.h"
#include "server/base/digest.h"
#include "server/base/text.h"

#include <string.h>

/* Options of a request for rows that are not the query language's. */
static const char *const own_options[] = { "format", "snapshot", "maxpagesize", NULL };

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

static struct problem *choose_snapshot(struct request *rq, struct selection *selection,
                                       int64_t number)
{
    const struct catalogue_datum *datum = selection->datum;
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
    selection->snapshot = snapshot;
    selection->from = catalogue_snapshot_from(rq->arena, snapshot);
    return NULL;
}

static struct problem *choose_format(struct request *rq, struct selection *selection)
{
    const char *name = request_option(rq, "format");
    if (!name)
        name = request_option(rq, "$format");
    if (name) {
        selection->format = format_by_name(name);
        if (selection->format != FORMAT_NONE)
            return NULL;
        selection->format = format_by_accept(name); /* OData allows a media type here */
    } else {
        selection->format = format_by_accept(request_header(rq, "Accept"));
    }
    return selection->format != FORMAT_NONE
               ? NULL
               : problem_new(rq->arena, &PROBLEM_NOT_ACCEPTABLE,
                             "rows are served as application/json, application/x-ndjson and "
                             "text/csv (format=json, ndjson, csv)");
}

/* The columns of the snapshot without those the subject may not see. */
static struct columns visible_columns(struct arena *arena, const struct columns *all,
                                      const char *const *denied)
{
    struct column *list = arena_array_of(arena, struct column, all->count);
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++) {
        size_t k = 0;
        while (denied && denied[k] && strcmp(denied[k], all->list[i].name) != 0)
            k++;
        if (!denied || !denied[k])
            list[count++] = all->list[i];
    }
    return (struct columns){ list, count };
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
    struct query_option *options = arena_array_of(rq->arena, struct query_option, count);
    for (size_t i = 0; i < count; i++)
        options[i] = (struct query_option){ given[i].name, given[i].value };
    struct columns *visible = arena_new_of(rq->arena, struct columns);
    *visible = selection->snapshot->contract->columns;
    if (decision->denied_columns && decision->denied_columns[0])
        *visible = visible_columns(rq->arena, visible, decision->denied_columns);
    if (!visible->count)
        return problem_new(rq->arena, &PROBLEM_FORBIDDEN,
                           "the access rules of this product hide every column of %s",
                           selection->datum->name);
    const struct query_limits limits = query_limits_of(server_of(rq)->config);
    TRY(query_parse(rq->arena, visible, options, count, own_options, &limits, &selection->query));
    query_set_name(rq->arena, selection->query, selection->datum->name);
    if (decision->row_filters)
        TRY(query_restrict(rq->arena, &selection->snapshot->contract->columns,
                           decision->row_filters, &query_default_limits, selection->query));
    return NULL;
}

/* A page size by Prefer: maxpagesize=N (RFC 7240), or by the option that next links carry. */
static struct problem *read_page(struct request *rq, struct selection *selection)
{
    int64_t most = config_number(server_of(rq)->config, CONFIG_PAGE_ROWS);
    TRY(server_number_option(rq, "maxpagesize", 1, INT64_MAX, 0, &selection->page));
    const char *prefer = request_header(rq, "Prefer");
    if (!selection->page && prefer) {
        char **words = text_split(rq->arena, prefer, ", ;");
        for (; *words; words++) {
            const char *word = *words + (text_starts(*words, "odata.") ? strlen("odata.") : 0);
            int64_t size;
            if (text_starts(word, "maxpagesize=")
                && text_to_int64(word + strlen("maxpagesize="), &size) && size > 0)
                selection->page = size; /* a preference not understood is ignored */
        }
    }
    if (selection->page > most)
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
    const char *identity =
        arena_print(rq->arena, "%lld|%s|%s|%s|%s|%lld|%s|%s|%s", (long long)selection->snapshot->id,
                    selection->snapshot->sha256, selection->snapshot->contract->sha256,
                    query_canonical(rq->arena, selection->query), format_name(selection->format),
                    (long long)selection->page, token ? token : "", decision->fingerprint,
                    request_base_url(rq));
    unsigned char sum[DIGEST_BYTES];
    digest_sha256(identity, strlen(identity), sum);
    return arena_hex(rq->arena, sum, 16);
}

static void choose_lane(struct request *rq, struct selection *selection)
{
    int64_t most = config_number(server_of(rq)->config, CONFIG_PAGE_ROWS);
    int64_t wanted = selection->remaining;
    bool one_row = query_is_one_row(selection->query);
    /* few rows of apply may be made of many */
    selection->bounded = !query_has_apply(selection->query)
                         && (one_row || selection->page || (wanted >= 0 && wanted <= most));
    /* a whole snapshot comes in the order of its table, which never changes; a part must be cut by
     * an order that says which part */
    selection->ordered = !one_row
                         && (selection->page || selection->place || wanted >= 0
                             || query_skip(selection->query) || query_has_order(selection->query));
}

struct problem *selection_make(struct request *rq, const char *snapshot,
                               struct selection **out_selection)
{
    struct selection *selection = arena_new_of(rq->arena, struct selection);
    struct access_decision decision;
    int64_t number = 0;
    TRY(server_dataset(rq, CONTRACT_OF_OUTPUT, request_path(rq, 0), ACCESS_READ, &selection->datum,
                       &decision));
    if (snapshot && (!text_to_int64(snapshot, &number) || number < 1))
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "%s has no snapshot %s",
                           selection->datum->name, snapshot);
    if (!snapshot)
        TRY(server_number_option(rq, "snapshot", 1, INT64_MAX, 0, &number));
    TRY(choose_snapshot(rq, selection, number));
    TRY(choose_format(rq, selection));
    TRY(parse_query(rq, selection, &decision));
    TRY(read_page(rq, selection));
    selection->remaining = query_top(selection->query);
    int64_t in_token = 0;
    TRY(read_place(rq, selection, &in_token));
    if (in_token)
        TRY(choose_snapshot(rq, selection, in_token));
    selection->pinned = number || in_token;
    selection->etag = make_etag(rq, selection, &decision);
    choose_lane(rq, selection);
    *out_selection = selection;
    return NULL;
}

struct problem *selection_sql(struct request *rq, const struct selection *selection,
                              struct db_query *out_sql)
{
    int64_t limit = selection->remaining;
    if (selection->page && (limit < 0 || limit > selection->page))
        limit = selection->page + 1;
    return query_sql(rq->arena, selection->query, selection->from, limit, selection->place,
                     selection->page != 0, selection->ordered, out_sql);
}

const char *selection_next_url(struct request *rq, const struct selection *selection,
                               const struct query_place *place, int64_t sent)
{
    const struct server *server = server_of(rq);
    CLEANUP(buffer_clear) struct buffer url = { 0 };
    size_t count;
    const struct request_option *options = request_options(rq, &count);
    buffer_print(&url, "%s/output/%s?", request_base_url(rq), selection->datum->name);
    for (size_t i = 0; i < count; i++) {
        const char *name = options[i].name;
        if (is_option(name, "skiptoken") || is_option(name, "maxpagesize")
            || is_option(name, "snapshot"))
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

void selection_cache_headers(struct reply *rp, const struct selection *selection)
{
    reply_header(rp, "Cache-Control", "%s",
                 selection->pinned ? "private, max-age=31536000, immutable" : "private, no-cache");
    reply_header(rp, "Vary", "Accept, Authorization, Prefer");
}

void selection_headers(struct request *rq, struct reply *rp, const struct selection *selection)
{
    const struct catalogue_snapshot *snapshot = selection->snapshot;
    reply_header(rp, "Last-Modified", "%s", clock_http_text(rq->arena, snapshot->published_at));
    reply_header(rp, "Snapshot", "%lld", (long long)snapshot->number);
    const char *base = request_base_url(rq);
    const char *name = selection->datum->name;
    reply_header(rp, "Link", "<%s/output/%s/snapshots/%lld>; rel=\"canonical\"", base, name,
                 (long long)snapshot->number);
    reply_header(rp, "Link", "<%s/discovery/contracts/%s/%s>; rel=\"describedby\"", base,
                 snapshot->contract->id, snapshot->contract->version);
    if (selection->page)
        reply_header(rp, "Preference-Applied", "maxpagesize=%lld", (long long)selection->page);
}
