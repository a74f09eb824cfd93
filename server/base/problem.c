#include "problem.h"

#include "buffer.h"
#include "text.h"

#include <string.h>

const struct problem_kind PROBLEM_BAD_REQUEST = { 400, "bad-request", "Bad request" };
const struct problem_kind PROBLEM_BAD_QUERY = { 400, "bad-query", "The query is not understood" };
const struct problem_kind PROBLEM_UNAUTHENTICATED = { 401, "unauthenticated",
                                                      "A valid token is needed" };
const struct problem_kind PROBLEM_FORBIDDEN = { 403, "forbidden", "The token does not allow this" };
const struct problem_kind PROBLEM_NOT_FOUND = { 404, "not-found", "Nothing is here" };
const struct problem_kind PROBLEM_DATASET_UNKNOWN = { 404, "dataset-unknown", "Unknown dataset" };
const struct problem_kind PROBLEM_METHOD_NOT_ALLOWED = { 405, "method-not-allowed",
                                                         "Method not allowed here" };
const struct problem_kind PROBLEM_NOT_ACCEPTABLE = { 406, "not-acceptable",
                                                     "None of the accepted formats is served" };
const struct problem_kind PROBLEM_TIMEOUT = { 408, "timeout", "The request took too long" };
const struct problem_kind PROBLEM_CONFLICT = { 409, "conflict", "Conflict with the current state" };
const struct problem_kind PROBLEM_SNAPSHOT_RETIRED = { 410, "snapshot-retired",
                                                       "The snapshot is retired" };
const struct problem_kind PROBLEM_PRECONDITION = { 412, "precondition-failed",
                                                   "A precondition does not hold" };
const struct problem_kind PROBLEM_BODY_TOO_LARGE = { 413, "body-too-large",
                                                     "The body is too large" };
const struct problem_kind PROBLEM_URI_TOO_LONG = { 414, "uri-too-long", "The URI is too long" };
const struct problem_kind PROBLEM_MEDIA_TYPE = { 415, "media-type",
                                                 "The media type is not understood here" };
const struct problem_kind PROBLEM_RANGE = { 416, "range", "Nothing is in the range" };
const struct problem_kind PROBLEM_CONTRACT = { 422, "contract", "The data breaks its contract" };
const struct problem_kind PROBLEM_INVALID_DOCUMENT = { 422, "invalid-document",
                                                       "The document is not valid" };
const struct problem_kind PROBLEM_SQL_REFUSED = { 422, "sql-refused", "The SQL is refused" };
const struct problem_kind PROBLEM_IDEMPOTENCY = {
    422, "idempotency-key-reused", "The idempotency key was used with another body"
};
const struct problem_kind PROBLEM_HEADERS_TOO_LARGE = { 431, "headers-too-large",
                                                        "The header fields are too large" };
const struct problem_kind PROBLEM_TOO_MANY = { 429, "too-many-requests", "Too many requests" };
const struct problem_kind PROBLEM_INTERNAL = { 500, "internal", "The server failed" };
const struct problem_kind PROBLEM_NOT_IMPLEMENTED = { 501, "not-implemented", "Not implemented" };
const struct problem_kind PROBLEM_BUSY = { 503, "busy", "The server is busy" };
const struct problem_kind PROBLEM_STORE = { 503, "store-unavailable",
                                            "The database does not answer" };
const struct problem_kind PROBLEM_START = { 500, "start", "The server cannot start" };

struct problem *problem_new(struct arena *arena, const struct problem_kind *kind,
                            const char *detail, ...)
{
    struct problem *problem = arena_new_of(arena, struct problem);
    va_list arguments;
    va_start(arguments, detail);
    problem->kind = kind;
    problem->detail = arena_vprint(arena, detail, arguments);
    va_end(arguments);
    return problem;
}

struct problem *problem_because(struct arena *arena, struct problem *problem, const char *cause,
                                ...)
{
    va_list arguments;
    va_start(arguments, cause);
    problem->cause = arena_vprint(arena, cause, arguments);
    va_end(arguments);
    return problem;
}

static void member_add(struct arena *arena, struct problem *problem, const char *name,
                       const char *text, int64_t number)
{
    struct problem_member *member = arena_new_of(arena, struct problem_member);
    member->name = arena_text(arena, name);
    member->text = arena_text(arena, text);
    member->number = number;
    const struct problem_member **end = &problem->members;
    while (*end)
        end = (const struct problem_member **)&(*end)->next;
    *end = member;
}

void problem_add_text(struct arena *arena, struct problem *problem, const char *name,
                      const char *text)
{
    member_add(arena, problem, name, text ? text : "", 0);
}

void problem_add_number(struct arena *arena, struct problem *problem, const char *name,
                        int64_t number)
{
    member_add(arena, problem, name, NULL, number);
}

static const struct problem_member *member_find(const struct problem *problem, const char *name)
{
    const struct problem_member *member = problem->members;
    while (member && strcmp(member->name, name) != 0)
        member = member->next;
    return member;
}

const char *problem_text(const struct problem *problem, const char *name)
{
    const struct problem_member *member = member_find(problem, name);
    return member ? member->text : NULL;
}

int64_t problem_number(const struct problem *problem, const char *name, int64_t missing)
{
    const struct problem_member *member = member_find(problem, name);
    return member && !member->text ? member->number : missing;
}

void faults_init(struct faults *faults, struct arena *arena, int limit)
{
    *faults = (struct faults){ .arena = arena, .limit = limit };
    faults->end = &faults->first;
}

static void fault_add(struct faults *faults, const char *file, int64_t line, int64_t column,
                      const char *path, const char *reason)
{
    struct problem_fault *fault = arena_new_of(faults->arena, struct problem_fault);
    fault->file = arena_text(faults->arena, file);
    fault->line = line;
    fault->column = column;
    fault->path = arena_text(faults->arena, path);
    fault->reason = reason;
    *faults->end = fault;
    faults->end = &fault->next;
}

void faults_add(struct faults *faults, const char *file, int64_t line, const char *path,
                const char *reason, ...)
{
    if (faults->count++ >= faults->limit)
        return;
    va_list arguments;
    va_start(arguments, reason);
    fault_add(faults, file, line, 0, path, arena_vprint(faults->arena, reason, arguments));
    va_end(arguments);
}

void faults_add_at(struct faults *faults, const char *file, int64_t line, int64_t column,
                   const char *path, const char *reason, ...)
{
    if (faults->count++ >= faults->limit)
        return;
    va_list arguments;
    va_start(arguments, reason);
    fault_add(faults, file, line, column, path, arena_vprint(faults->arena, reason, arguments));
    va_end(arguments);
}

/* Does a fault belong behind another? */
static bool fault_is_after(const struct problem_fault *fault, const struct problem_fault *other)
{
    int order = strcmp(fault->file ? fault->file : "", other->file ? other->file : "");
    if (order != 0)
        return order > 0;
    if (fault->line != other->line)
        return fault->line > other->line;
    return fault->column > other->column;
}

void faults_sort(struct faults *faults)
{
    /* an insertion sort: the list is short by its limit, and mostly in order already */
    struct problem_fault *sorted = NULL;
    const struct problem_fault *next;
    for (const struct problem_fault *fault = faults->first; fault; fault = next) {
        next = fault->next;
        struct problem_fault *moved = (struct problem_fault *)fault; /* our arena's, not const */
        struct problem_fault **place = &sorted;
        while (*place && !fault_is_after(*place, fault))
            place = (struct problem_fault **)&(*place)->next;
        moved->next = *place;
        *place = moved;
    }
    faults->first = sorted;
    faults->end = &faults->first;
    while (*faults->end)
        faults->end = (const struct problem_fault **)&(*faults->end)->next;
}

struct problem *faults_problem(const struct faults *faults, const struct problem_kind *kind,
                               const char *detail, ...)
{
    if (!faults->count)
        return NULL;
    struct problem *problem = arena_new_of(faults->arena, struct problem);
    va_list arguments;
    va_start(arguments, detail);
    problem->kind = kind;
    problem->detail = arena_vprint(faults->arena, detail, arguments);
    va_end(arguments);
    problem->faults = faults->first;
    problem_add_number(faults->arena, problem, "fault_count", faults->count);
    return problem;
}

static void json_add_text(struct buffer *json, const char *name, const char *text)
{
    if (!text)
        return;
    if (json->data[json->size - 1] != '{')
        buffer_add_char(json, ',');
    buffer_print(json, "\"%s\":", name);
    /* details quote what was sent: anything that is not UTF-8 must not make broken JSON */
    size_t size = strlen(text);
    if (text_is_utf8(text, size))
        buffer_add_json_string(json, text, size);
    else
        buffer_add_text(json, "\"(not UTF-8)\"");
}

static void json_add_number(struct buffer *json, const char *name, int64_t number)
{
    if (json->data[json->size - 1] != '{')
        buffer_add_char(json, ',');
    buffer_print(json, "\"%s\":%lld", name, (long long)number);
}

static void json_add_faults(struct buffer *json, const struct problem_fault *fault)
{
    buffer_add_text(json, ",\"faults\":[");
    for (; fault; fault = fault->next) {
        buffer_add_char(json, '{');
        json_add_text(json, "file", fault->file);
        if (fault->line)
            json_add_number(json, "line", fault->line);
        if (fault->column)
            json_add_number(json, "column", fault->column);
        json_add_text(json, "path", fault->path);
        json_add_text(json, "reason", fault->reason);
        buffer_add_text(json, fault->next ? "}," : "}");
    }
    buffer_add_char(json, ']');
}

const char *problem_json(struct arena *arena, const struct problem *problem, const char *instance)
{
    CLEANUP(buffer_clear) struct buffer json = { 0 };
    buffer_add_char(&json, '{');
    json_add_text(&json, "type",
                  arena_print(arena, "urn:entrepot:problem:%s", problem->kind->slug));
    json_add_text(&json, "title", problem->kind->title);
    json_add_number(&json, "status", problem->kind->status);
    json_add_text(&json, "detail", problem->detail);
    json_add_text(&json, "instance", instance);
    for (const struct problem_member *member = problem->members; member; member = member->next) {
        if (member->text)
            json_add_text(&json, member->name, member->text);
        else
            json_add_number(&json, member->name, member->number);
    }
    if (problem->faults)
        json_add_faults(&json, problem->faults);
    buffer_add_text(&json, "}\n");
    return arena_copy(arena, json.data, json.size);
}

static void odata_add_detail(struct arena *arena, struct buffer *json, const char *code,
                             const struct problem_fault *fault)
{
    const char *place =
        fault->line ? arena_print(arena, "line %lld: ", (long long)fault->line) : "";
    buffer_add_char(json, '{');
    json_add_text(json, "code", code);
    json_add_text(json, "message", arena_print(arena, "%s%s", place, fault->reason));
    json_add_text(json, "target", fault->path);
    buffer_add_char(json, '}');
}

/* The title is what the code says already, and the status is in the status line. */
static const char *write_odata(struct arena *arena, const struct problem *problem,
                               const char *instance)
{
    (void)instance; /* an error of OData does not say where it was made */
    CLEANUP(buffer_clear) struct buffer json = { 0 };
    buffer_add_text(&json, "{\"error\":{");
    json_add_text(&json, "code", problem->kind->slug);
    json_add_text(&json, "message", problem->detail);
    json_add_text(&json, "target", problem_text(problem, "option"));
    for (const struct problem_fault *fault = problem->faults; fault; fault = fault->next) {
        buffer_add_text(&json, fault == problem->faults ? ",\"details\":[" : ",");
        odata_add_detail(arena, &json, problem->kind->slug, fault);
    }
    buffer_add_text(&json, problem->faults ? "]}}\n" : "}}\n");
    return arena_copy(arena, json.data, json.size);
}

const struct problem_dialect PROBLEM_DOCUMENT = { "application/problem+json", problem_json };
const struct problem_dialect PROBLEM_ODATA = { "application/json", write_odata };

const char *problem_lines(struct arena *arena, const struct problem *problem)
{
    CLEANUP(buffer_clear) struct buffer lines = { 0 };
    buffer_print(&lines, "%s\n", problem->detail);
    if (problem->cause)
        buffer_print(&lines, "  because: %s\n", problem->cause);
    int shown = 0;
    for (const struct problem_fault *fault = problem->faults; fault; fault = fault->next, shown++) {
        if (fault->file)
            buffer_print(&lines, "%s:", fault->file);
        if (fault->line)
            buffer_print(&lines, "%lld:", (long long)fault->line);
        if (fault->path && *fault->path)
            buffer_print(&lines, "%s:", fault->path);
        else if (fault->column)
            buffer_print(&lines, "%lld:", (long long)fault->column);
        buffer_print(&lines, "%s%s\n", lines.data[lines.size - 1] == '\n' ? "" : " ",
                     fault->reason);
    }
    int64_t found = problem_number(problem, "fault_count", shown);
    if (found > shown)
        buffer_print(&lines, "… and %lld more\n", (long long)(found - shown));
    return arena_copy(arena, lines.data, lines.size);
}
