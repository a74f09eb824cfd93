#include "dialect.h"

#include "server/base/buffer.h"
#include "server/base/text.h"

#include <string.h>

/* The protocol names no codes; these are what the services and clients of it use. */
static const char *code_of(int status)
{
    static const struct {
        int status;
        const char *code;
    } codes[] = {
        { 400, "INVALID_PARAMETER_VALUE" }, { 401, "UNAUTHENTICATED" },
        { 403, "PERMISSION_DENIED" },       { 404, "RESOURCE_DOES_NOT_EXIST" },
        { 405, "METHOD_NOT_ALLOWED" },      { 410, "RESOURCE_DOES_NOT_EXIST" },
        { 429, "RESOURCE_EXHAUSTED" },      { 501, "NOT_IMPLEMENTED" },
        { 503, "TEMPORARILY_UNAVAILABLE" },
    };
    for (size_t i = 0; i < COUNT(codes); i++)
        if (codes[i].status == status)
            return codes[i].code;
    return status < 500 ? "BAD_REQUEST" : "INTERNAL_ERROR";
}

static const char *write_delta(struct arena *arena, const struct problem *problem,
                               const char *instance)
{
    (void)instance; /* there is no place for it */
    CLEANUP(buffer_clear) struct buffer json = { 0 };
    size_t size = strlen(problem->detail);
    bool clean = text_is_utf8(problem->detail, size); /* details quote what was sent */
    const char *message = clean ? problem->detail : problem->kind->title;
    buffer_print(&json, "{\"errorCode\":\"%s\",\"message\":", code_of(problem->kind->status));
    buffer_add_json_string(&json, message, strlen(message));
    buffer_add_text(&json, "}\n");
    return arena_copy(arena, json.data, json.size);
}

const struct problem_dialect dialect_delta = { "application/json", write_delta };
