#include "percent.h"
#include "route.h"

#include "server/base/buffer.h"

#include <assert.h>
#include <string.h>

/* More segments than any route has; a longer path is found nowhere. */
#define MAX_SEGMENTS 16

struct segment {
    const char *text; /* decoded, but not ended by a NUL unless it was escaped */
    size_t size;
};

struct segments {
    struct segment list[MAX_SEGMENTS];
    size_t count;
    bool too_many;
};

static struct problem *split(struct arena *arena, const char *path, struct segments *out)
{
    out->count = 0;
    out->too_many = false;
    assert(path[0] == '/');
    for (const char *at = path + 1;; at++) {
        size_t size = strcspn(at, "/");
        struct segment segment = { at, size };
        bool plain = true;
        for (size_t i = 0; i < size && plain; i++)
            plain = at[i] != '%' && (unsigned char)at[i] < 0x80;
        if (!plain) {
            char *decoded;
            TRY(percent_decode(arena, "path", at, size, &decoded));
            segment = (struct segment){ decoded, strlen(decoded) };
        }
        if (out->count < MAX_SEGMENTS)
            out->list[out->count++] = segment;
        else
            out->too_many = true; /* what is left must still be well-formed */
        at += size;
        if (!*at)
            return NULL;
    }
}

/*
 * Does the pattern match? Gives how exact it is: a bit per segment, the first one highest, set
 * where the pattern has a literal. Of two patterns that match, the larger number wins.
 */
static bool matches(const char *pattern, const struct segments *path, unsigned *out_exactness)
{
    unsigned exactness = 0;
    size_t i = 0;
    for (const char *at = pattern + 1;; at++, i++) {
        if (i == path->count)
            return false;
        const struct segment *segment = &path->list[i];
        if (*at == '{') {
            if (!segment->size)
                return false;
            at += strcspn(at, "/");
        } else {
            if (strncmp(at, segment->text, segment->size) != 0)
                return false;
            at += segment->size;
            if (*at && *at != '/')
                return false;
            exactness |= 1u << (MAX_SEGMENTS - 1 - i);
        }
        if (!*at)
            break;
    }
    *out_exactness = exactness;
    return i + 1 == path->count;
}

static const char *const method_names[METHOD_COUNT] = {
    [GET] = "GET", [HEAD] = "HEAD",     [POST] = "POST",
    [PUT] = "PUT", [DELETE] = "DELETE", [OPTIONS] = "OPTIONS",
};

struct candidates {
    const struct route *by_method[METHOD_COUNT];
    unsigned exactness;
    bool any;
};

static void find_all(const struct route_set *const *sets, const struct segments *path,
                     struct candidates *out)
{
    *out = (struct candidates){ 0 };
    for (; *sets; sets++) {
        for (size_t i = 0; i < (*sets)->count; i++) {
            const struct route *route = &(*sets)->list[i];
            unsigned exactness;
            const char *first = path->list[0].text;
            if (route->path[1] != '{'
                && (route->path[1] != first[0] || (first[0] && route->path[2] != first[1])))
                continue; /* most differ in their first two letters */
            if (!matches(route->path, path, &exactness))
                continue;
            if (out->any && exactness < out->exactness)
                continue;
            if (!out->any || exactness > out->exactness)
                *out = (struct candidates){ .exactness = exactness, .any = true };
            out->by_method[route->method] = route;
        }
    }
    if (!out->by_method[HEAD])
        out->by_method[HEAD] = out->by_method[GET];
}

static const char *allow(struct arena *arena, const struct candidates *found)
{
    CLEANUP(buffer_clear) struct buffer list = { 0 };
    for (enum method method = GET; method < METHOD_COUNT; method++) {
        if (!found->by_method[method] && method != OPTIONS)
            continue;
        if (list.size)
            buffer_add_text(&list, ", ");
        buffer_add_text(&list, method_names[method]);
    }
    return arena_text(arena, buffer_text(&list));
}

static const char *const *parameters(struct arena *arena, const char *pattern,
                                     const struct segments *path)
{
    const char **list = arena_array_of(arena, const char *, path->count + 1);
    size_t count = 0;
    size_t i = 0;
    for (const char *at = strchr(pattern, '/'); at; at = strchr(at + 1, '/'), i++)
        if (at[1] == '{')
            list[count++] = arena_copy(arena, path->list[i].text, path->list[i].size);
    return list;
}

struct problem *router_find(struct arena *arena, const struct route_set *const *sets,
                            enum method method, const char *path, const struct route **out_route,
                            const char *const **out_parameters)
{
    struct segments segments;
    struct candidates found;
    TRY(split(arena, path, &segments));
    if (segments.too_many)
        found = (struct candidates){ 0 };
    else
        find_all(sets, &segments, &found);
    if (!found.any)
        return problem_new(arena, &PROBLEM_NOT_FOUND,
                           "nothing has this path; /.well-known/api-catalog lists what there is");
    const struct route *route = found.by_method[method];
    if (!route) {
        const char *methods = allow(arena, &found);
        struct problem *problem =
            problem_new(arena, &PROBLEM_METHOD_NOT_ALLOWED,
                        "the method is not allowed here; allowed are %s", methods);
        problem_add_text(arena, problem, "allow", methods);
        return problem;
    }
    *out_route = route;
    *out_parameters = parameters(arena, route->path, &segments);
    return NULL;
}

const struct route_set *router_home(const struct route_set *const *sets, const char *path)
{
    for (; path && *sets; sets++) {
        size_t size = (*sets)->root ? strlen((*sets)->root) : 0;
        if (size && strncmp(path, (*sets)->root, size) == 0
            && (!path[size] || path[size] == '/' || path[size] == '?'))
            return *sets;
    }
    return NULL;
}
