/*
 * A problem: why something could not be done, as RFC 9457 describes it.
 *
 * What can fail returns struct problem *: NULL is success. It flows up through TRY and is rendered
 * and logged once, at the edge. The kind is const and shared; the rest lives in the caller's arena,
 * so a problem lives as long as its request. `detail` and `members` may be read by the client;
 * `cause` is for the log only (text of Postgres, of a library, of the system).
 */
#ifndef ENTREPOT_BASE_PROBLEM_H
#define ENTREPOT_BASE_PROBLEM_H

#include "arena.h"

#include <stdbool.h>
#include <stdint.h>

struct problem_kind {
    int status;        /* HTTP status */
    const char *slug;  /* last part of the type, urn:entrepot:problem:<slug> */
    const char *title; /* the same for every problem of the kind */
};

/* An extension member: text, or a number where text is NULL. */
struct problem_member {
    const struct problem_member *next;
    const char *name;
    const char *text;
    int64_t number;
};

/* One of several faults in what was sent. */
struct problem_fault {
    const struct problem_fault *next;
    int64_t line;       /* from 1; 0 when unknown */
    int64_t column;     /* from 1; 0 when unknown */
    const char *file;   /* NULL outside folders */
    const char *path;   /* JSON pointer, column name or step name; NULL when the whole is meant */
    const char *reason; /* what is wrong, and what would be right */
};

struct problem {
    const struct problem_kind *kind;
    const char *detail;
    const char *cause;                    /* log only; NULL when detail says it all */
    const struct problem_member *members; /* in order of adding */
    const struct problem_fault *faults;   /* in order of adding */
};

/* How a problem is written for the clients of a protocol. */
struct problem_dialect {
    const char *media_type;
    /* instance: the path of the request, or NULL; the text is in arena, of UTF-8 whatever was sent
     */
    const char *(*write)(struct arena *arena, const struct problem *problem, const char *instance);
};
extern const struct problem_dialect PROBLEM_DOCUMENT; /* RFC 9457: everywhere but below */
extern const struct problem_dialect PROBLEM_ODATA;    /* OData JSON §21: {"error": {…}} */

/* 400 */
extern const struct problem_kind PROBLEM_BAD_REQUEST;
extern const struct problem_kind PROBLEM_BAD_QUERY; /* members position */
/* 401, 403 */
extern const struct problem_kind PROBLEM_UNAUTHENTICATED; /* members error, error_description */
extern const struct problem_kind PROBLEM_FORBIDDEN;       /* members error, scope */
/* 404, 405, 406, 408 */
extern const struct problem_kind PROBLEM_NOT_FOUND;
extern const struct problem_kind PROBLEM_DATASET_UNKNOWN;
extern const struct problem_kind PROBLEM_METHOD_NOT_ALLOWED; /* member allow */
extern const struct problem_kind PROBLEM_NOT_ACCEPTABLE;
extern const struct problem_kind PROBLEM_TIMEOUT;
/* 409, 410, 412 */
extern const struct problem_kind PROBLEM_CONFLICT;
extern const struct problem_kind PROBLEM_SNAPSHOT_RETIRED;
extern const struct problem_kind PROBLEM_PRECONDITION;
/* 413, 414, 415, 416, 422, 431 */
extern const struct problem_kind PROBLEM_BODY_TOO_LARGE;
extern const struct problem_kind PROBLEM_URI_TOO_LONG;
extern const struct problem_kind PROBLEM_MEDIA_TYPE;
extern const struct problem_kind PROBLEM_RANGE;            /* with the field Content-Range */
extern const struct problem_kind PROBLEM_CONTRACT;         /* faults: data breaks its contract */
extern const struct problem_kind PROBLEM_INVALID_DOCUMENT; /* faults: a file or body is wrong */
extern const struct problem_kind PROBLEM_SQL_REFUSED;      /* members layer, rule, line, column */
extern const struct problem_kind PROBLEM_IDEMPOTENCY;      /* key used again with another body */
extern const struct problem_kind PROBLEM_HEADERS_TOO_LARGE;
/* 429, 500, 501, 503, 507 */
extern const struct problem_kind PROBLEM_TOO_MANY; /* member retry_after */
extern const struct problem_kind PROBLEM_INTERNAL;
extern const struct problem_kind PROBLEM_NOT_IMPLEMENTED;
extern const struct problem_kind PROBLEM_BUSY;  /* member retry_after */
extern const struct problem_kind PROBLEM_STORE; /* the database is away or refuses */
/* start-up and command line only, never over HTTP */
extern const struct problem_kind PROBLEM_START;

/** Make a problem; detail is a sentence the client may read. */
struct problem *problem_new(struct arena *arena, const struct problem_kind *kind,
                            const char *detail, ...) PRINTF_LIKE(3, 4) NEVER_NULL;

/** Add what only the log may know; gives the problem, so calls can be nested. */
struct problem *problem_because(struct arena *arena, struct problem *problem, const char *cause,
                                ...) PRINTF_LIKE(3, 4) NEVER_NULL;

/** Add an extension member. */
void problem_add_text(struct arena *arena, struct problem *problem, const char *name,
                      const char *text);
void problem_add_number(struct arena *arena, struct problem *problem, const char *name,
                        int64_t number);

/** The value of a text member, or NULL. The number of a member, or missing. */
const char *problem_text(const struct problem *problem, const char *name);
int64_t problem_number(const struct problem *problem, const char *name, int64_t missing);

/* A list of faults being collected, so that all are reported, not only the first. */
struct faults {
    struct arena *arena;
    const struct problem_fault *first;
    const struct problem_fault **end; /* where the next is hung in */
    int count;                        /* found */
    int limit;                        /* kept; more are counted only */
};

void faults_init(struct faults *faults, struct arena *arena, int limit);
void faults_add(struct faults *faults, const char *file, int64_t line, const char *path,
                const char *reason, ...) PRINTF_LIKE(5, 6);

/** The same where the column is known too: broken syntax, a byte of a row. */
void faults_add_at(struct faults *faults, const char *file, int64_t line, int64_t column,
                   const char *path, const char *reason, ...) PRINTF_LIKE(6, 7);

/** Put them in the order of file, line and column; those of equal places stay as they were added.
 */
void faults_sort(struct faults *faults);

/** NULL when there are none; otherwise a problem that carries them and the member fault_count. */
struct problem *faults_problem(const struct faults *faults, const struct problem_kind *kind,
                               const char *detail, ...) PRINTF_LIKE(3, 4) MUST_USE;

/** The problem as a JSON document (RFC 9457), without the cause. instance may be NULL. */
const char *problem_json(struct arena *arena, const struct problem *problem, const char *instance);

/** The problem as lines for a terminal: detail, cause, then file:line:path: reason per fault, with
 *  file:line:column: where there is a column and no path. */
const char *problem_lines(struct arena *arena, const struct problem *problem);

/* The one macro that may return: hand a problem up. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        struct problem *try_problem_ = (call);                                                     \
        if (try_problem_)                                                                          \
            return try_problem_;                                                                   \
    } while (0)

#endif
