#include "function.h"

#include "server/sandbox/allowed.h"

#include <string.h>

/* "integer, integer; text" as an array of its parts. */
static json_t *overloads_json(struct request *rq, const char *arguments)
{
    json_t *list = json_array();
    while (arguments && *arguments) {
        size_t length = strcspn(arguments, ";");
        /* a list that cannot grow becomes a problem in reply_json */
        (void)json_array_append_new(list, json_string(arena_copy(rq->arena, arguments, length)));
        arguments += length + (arguments[length] ? 2 : 0);
    }
    return list;
}

static json_t *row_json(struct request *rq, const struct allowed_list *list,
                        const struct allowed *row)
{
    int64_t argument, most;
    json_t *bound = NULL;
    if (allowed_bound(row, &argument, &most))
        bound = json_pack("{s:I, s:I}", "argument", (json_int_t)argument, "most", (json_int_t)most);
    return json_pack("{s:s, s:s, s:s, s:o, s:o?}", "list", list->name, "name", row->name, "reason",
                     row->reason, "arguments", overloads_json(rq, row->arguments), "bound", bound);
}

static bool is_asked_for(const char *wanted, const char *name)
{
    return !wanted || strcasestr(name, wanted);
}

static struct problem *check_list(struct request *rq, const char *wanted)
{
    for (int kind = 0; kind < ALLOWED_KINDS; kind++)
        if (!wanted || strcmp(wanted, allowed_lists[kind].name) == 0)
            return NULL;
    return problem_new(
        rq->arena, &PROBLEM_BAD_QUERY,
        "there is no list %s: they are functions, operators, types, nodes, tree_nodes "
        "and advice",
        wanted);
}

struct problem *function_list(struct request *rq, struct reply *rp)
{
    const char *wanted = request_option(rq, "list");
    const char *name = request_option(rq, "name");
    TRY(check_list(rq, wanted));
    json_t *rows = json_array();
    for (int kind = 0; kind < ALLOWED_KINDS; kind++) {
        const struct allowed_list *list = &allowed_lists[kind];
        for (size_t i = 0; i < list->count && (!wanted || strcmp(wanted, list->name) == 0); i++)
            if (is_asked_for(name, list->rows[i].name))
                /* a list that cannot grow becomes a problem in reply_json */
                (void)json_array_append_new(rows, row_json(rq, list, &list->rows[i]));
    }
    return reply_json(rq, rp, 200, rows);
}
