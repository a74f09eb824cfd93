#include "table.h"

#include "instant.h"
#include "listing.h"
#include "server/rows/selection.h"
#include "server/rows/visible.h"
#include "share.h"

#include <assert.h>
#include <ctype.h>

static struct problem *hidden(struct request *rq, const struct catalogue_datum *datum)
{
    return problem_new(rq->arena, &PROBLEM_FORBIDDEN,
                       "a table is shared whole, and the access rules of this product hide some of "
                       "%s from %s; %s/output/%s gives the others",
                       datum->name, server_subject(rq), request_base_url(rq), datum->name);
}

static struct problem *find(struct request *rq, const char *name, struct table *out_table)
{
    struct table table;
    TRY(server_dataset(rq, CONTRACT_OF_OUTPUT, name, ACCESS_READ, &table.datum, &table.decision));
    if (visible_hides(&table.decision, &table.datum->contract->columns))
        return hidden(rq, table.datum);
    /* a dataset that begins anew, such as a new major version, counts its snapshots anew */
    table.id = share_uuid(rq, arena_print(rq->arena, "table %s %d %lld", name, table.datum->major,
                                          (long long)table.datum->created_at));
    *out_table = table;
    return NULL;
}

struct problem *table_find(struct request *rq, struct table *out_table)
{
    TRY(share_check_schema(rq));
    char *name = arena_text(rq->arena, request_path(rq, 2));
    for (char *c = name; *c; c++)
        *c = (char)tolower((unsigned char)*c); /* names of datasets are in lower case */
    return find(rq, name, out_table);
}

/* What an older version has besides may be hidden as well. */
static struct problem *check_whole(struct request *rq, const struct table *table,
                                   const struct catalogue_snapshot *snapshot)
{
    return visible_hides(&table->decision, &snapshot->contract->columns) ? hidden(rq, table->datum)
                                                                         : NULL;
}

struct problem *table_snapshot(struct request *rq, const struct table *table, const int64_t *number,
                               const char *timestamp,
                               const struct catalogue_snapshot **out_snapshot)
{
    const struct catalogue_snapshot *snapshot;
    int64_t wanted = number ? *number : 0;
    if (number && timestamp)
        return problem_new(rq->arena, &PROBLEM_BAD_QUERY,
                           "version and timestamp are not to be given both");
    if (number && wanted < 1)
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND,
                           "%s has no version %lld; versions count from 1", table->datum->name,
                           (long long)wanted);
    if (timestamp) {
        TRY(instant_snapshot_at(rq, table->datum, "timestamp", timestamp, &snapshot));
        wanted = snapshot->number;
    }
    TRY(selection_snapshot(rq, table->datum, wanted, &snapshot));
    TRY(check_whole(rq, table, snapshot));
    *out_snapshot = snapshot;
    return NULL;
}

void table_version_fields(struct reply *rp, const struct catalogue_snapshot *snapshot)
{
    reply_header(rp, "Delta-Table-Version", "%lld", (long long)snapshot->number);
    reply_header(rp, "Cache-Control", "private, no-cache");
    reply_header(rp, "Vary", "Authorization");
}

static json_t *table_json(struct request *rq, const struct table *table)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:[s]}", "name", table->datum->name, "schema",
                     SHARE_SCHEMA, "share", share_name(rq), "shareId", share_uuid(rq, "share"),
                     "id", table->id, "accessModes", "url");
}

static struct problem *list(struct request *rq, struct reply *rp)
{
    const struct catalogue *catalogue = server_catalogue(rq);
    struct listing_item *items =
        arena_array_of(rq->arena, struct listing_item, catalogue->datum_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < catalogue->datum_count; i++) {
        const struct catalogue_datum *datum = &catalogue->datums[i];
        struct table table = { 0 };
        bool served = catalogue_datum(catalogue, CONTRACT_OF_OUTPUT, datum->name) == datum;
        if (served && datum->current && !find(rq, datum->name, &table)) {
            assert(table.datum);
            items[count++] = (struct listing_item){ datum->name, table_json(rq, &table) };
        }
    }
    return listing_reply(rq, rp, items, count);
}

struct problem *table_list_all(struct request *rq, struct reply *rp)
{
    TRY(share_check(rq));
    return list(rq, rp);
}

struct problem *table_list(struct request *rq, struct reply *rp)
{
    TRY(share_check_schema(rq));
    return list(rq, rp);
}

/* The current version, or the first since startingTimestamp. */
static struct problem *find_version(struct request *rq, struct reply *rp, struct table *table)
{
    const char *starting = request_option(rq, "startingTimestamp");
    const struct catalogue_snapshot *snapshot;
    TRY(table_find(rq, table));
    TRY(table_snapshot(rq, table, NULL, NULL, &snapshot));
    if (starting)
        TRY(instant_snapshot_from(rq, table->datum, "startingTimestamp", starting, &snapshot));
    table_version_fields(rp, snapshot);
    return NULL;
}

struct problem *table_get(struct request *rq, struct reply *rp)
{
    struct table table;
    TRY(find_version(rq, rp, &table));
    return reply_json(rq, rp, 200, table_json(rq, &table));
}

struct problem *table_version(struct request *rq, struct reply *rp)
{
    struct table table;
    TRY(find_version(rq, rp, &table));
    return reply_text(rq, rp, 200, "text/plain; charset=utf-8", "", 0);
}
