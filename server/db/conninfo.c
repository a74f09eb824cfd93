#include "conninfo.h"

#include "server/base/buffer.h"

#include <stdbool.h>
#include <string.h>

CLEANUP_DEFINE(PQconninfoOption *, PQconninfoFree)

/* An empty search path leaves pg_catalog alone. Every scan of a table begins where the table does,
 * not where that of another connection is: the same query gives its rows in the same order. The
 * rest makes text forms of values predictable. */
static const char pinned[] = "-c search_path= -c synchronize_seqscans=off "
                             "-c standard_conforming_strings=on -c TimeZone=UTC "
                             "-c DateStyle=ISO,MDY -c IntervalStyle=postgres -c bytea_output=hex "
                             "-c extra_float_digits=1 -c client_min_messages=warning";

/* What holds unless the operator says otherwise: a dead network is noticed within a minute. */
static const struct {
    const char *keyword;
    const char *value;
} defaults[] = {
    { "connect_timeout", "10" },
    { "keepalives_idle", "30" },
    { "keepalives_interval", "10" },
    { "keepalives_count", "3" },
};

struct pairs {
    const char **keywords;
    const char **values;
    size_t count;
};

static void pairs_add(struct pairs *pairs, const char *keyword, const char *value)
{
    pairs->keywords[pairs->count] = keyword;
    pairs->values[pairs->count] = value;
    pairs->count++;
}

static bool pairs_have(const struct pairs *pairs, const char *keyword)
{
    for (size_t i = 0; i < pairs->count; i++) {
        if (strcmp(pairs->keywords[i], keyword) == 0)
            return true;
    }
    return false;
}

const struct conninfo *conninfo_new(struct arena *arena, const char *text,
                                    const char *application_name, const char *settings)
{
    struct conninfo *conninfo = arena_new_of(arena, struct conninfo);
    char *fault = NULL;
    CLEANUP(PQconninfoFree_at) PQconninfoOption *given = PQconninfoParse(text, &fault);
    if (!given) {
        conninfo->fault = arena_text(arena, fault ? fault : "out of memory");
        PQfreemem(fault);
        return conninfo;
    }
    size_t most = COUNT(defaults) + 4;
    for (const PQconninfoOption *option = given; option->keyword; option++)
        most++;
    struct pairs pairs = { arena_array_of(arena, const char *, most),
                           arena_array_of(arena, const char *, most), 0 };
    const char *options = "";
    for (const PQconninfoOption *option = given; option->keyword; option++) {
        if (!option->val || strcmp(option->keyword, "client_encoding") == 0)
            continue;
        if (strcmp(option->keyword, "options") == 0)
            options = arena_text(arena, option->val);
        else
            pairs_add(&pairs, arena_text(arena, option->keyword), arena_text(arena, option->val));
    }
    for (size_t i = 0; i < COUNT(defaults); i++) {
        if (!pairs_have(&pairs, defaults[i].keyword))
            pairs_add(&pairs, defaults[i].keyword, defaults[i].value);
    }
    pairs_add(&pairs, "client_encoding", "UTF8");
    pairs_add(&pairs, "fallback_application_name", arena_text(arena, application_name));
    /* the last of two settings of one name holds, so ours stand behind the operator's */
    pairs_add(&pairs, "options",
              arena_print(arena, "%s %s %s", options, pinned, settings ? settings : ""));
    conninfo->keywords = pairs.keywords;
    conninfo->values = pairs.values;
    return conninfo;
}

/* Notices carry names and values of data; nobody reads them, so they go nowhere. */
static void drop_notice(void *context, const PGresult *notice)
{
    (void)context;
    (void)notice;
}

static PGconn *quiet(PGconn *connection)
{
    if (connection)
        (void)PQsetNoticeReceiver(connection, drop_notice, NULL); /* gives the former one */
    return connection;
}

PGconn *conninfo_connect(const struct conninfo *conninfo)
{
    return conninfo->fault ? NULL
                           : quiet(PQconnectdbParams(conninfo->keywords, conninfo->values, 0));
}

PGconn *conninfo_connect_start(const struct conninfo *conninfo)
{
    return conninfo->fault ? NULL
                           : quiet(PQconnectStartParams(conninfo->keywords, conninfo->values, 0));
}

const char *conninfo_failure(struct arena *arena, const struct conninfo *conninfo,
                             const PGconn *connection)
{
    if (conninfo->fault)
        return conninfo->fault;
    if (!connection)
        return "out of memory";
    char *text = arena_text(arena, PQerrorMessage(connection));
    size_t size = strlen(text);
    while (size && text[size - 1] == '\n')
        text[--size] = '\0';
    for (char *at = text; *at; at++) {
        if (*at == '\n' || *at == '\t')
            *at = ' ';
    }
    return text;
}

const char *conninfo_value(struct arena *arena, const char *text, const char *keyword)
{
    CLEANUP(PQconninfoFree_at) PQconninfoOption *given = PQconninfoParse(text, NULL);
    for (const PQconninfoOption *option = given; option && option->keyword; option++) {
        if (strcmp(option->keyword, keyword) == 0)
            return arena_text(arena, option->val);
    }
    return NULL;
}

const char *conninfo_quote(struct arena *arena, const char *value)
{
    char *quoted = arena_alloc(arena, arena_array_bytes(strlen(value), 2) + 3);
    char *to = quoted;
    *to++ = '\'';
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            *to++ = '\\';
        *to++ = *value;
    }
    *to = '\'';
    return quoted;
}

const char *conninfo_replace(struct arena *arena, const char *text, const char *user,
                             const char *password, const char *database)
{
    const struct {
        const char *keyword;
        const char *value;
    } ours[] = { { "user", user }, { "password", password }, { "dbname", database } };
    CLEANUP(PQconninfoFree_at) PQconninfoOption *given = PQconninfoParse(text, NULL);
    if (!given)
        return NULL;
    CLEANUP(buffer_clear) struct buffer keywords = { 0 };
    for (const PQconninfoOption *option = given; option->keyword; option++) {
        const char *value = option->val;
        for (size_t i = 0; i < COUNT(ours); i++) {
            if (strcmp(option->keyword, ours[i].keyword) == 0)
                value = ours[i].value;
        }
        if (value)
            buffer_print(&keywords, "%s%s=%s", keywords.size ? " " : "", option->keyword,
                         conninfo_quote(arena, value));
    }
    return arena_copy(arena, keywords.data, keywords.size);
}
