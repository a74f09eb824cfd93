/*
 * One HTTP exchange: the request and the reply that handlers see, and what stands behind them.
 *
 * An exchange begins when its request line was read and is over when libmicrohttpd has sent the
 * answer and no worker has it. It belongs to its loop; while `job` is set, request, reply and arena
 * are its worker's instead, and the loop touches only the rings, the atomics and its own fields.
 * Ended exchanges are kept for reuse, so that a request needs few allocations.
 *
 *     exchange.c  its begin and its ends          accept.c  may it be handled at all?
 *     receive.c   its head and body               handle.c  its handler, on the loop
 *     answer.c    reply to libmicrohttpd          work.c    its handler, on a worker
 */
#ifndef ENTREPOT_HTTP_EXCHANGE_H
#define ENTREPOT_HTTP_EXCHANGE_H

#include "coding.h"
#include "reply.h"
#include "ring.h"
#include "server.h"

#include <stdatomic.h>

enum reply_next { REPLY_NONE, REPLY_BODY, REPLY_STREAM, REPLY_ROWS, REPLY_PARK, REPLY_WORKER };

struct reply_field {
    struct reply_field *next;
    const char *name;
    const char *value;
};

struct reply {
    enum reply_next next;
    int status;
    const char *media_type;
    const char *etag; /* opaque part, with the suffix of the coding once prepared */
    struct reply_field *fields;
    struct reply_field **fields_end;
    const char *body;
    size_t body_size;
    bool no_length; /* of the body that GET would have */
    bool has_file;  /* the body is body_size bytes of file from file_at on, and body is "" */
    int file;       /* closed when the exchange is over */
    int64_t file_at;
    enum coding coding; /* applied to the body */
    bool varies;        /* by Accept-Encoding */
    bool head_only;     /* a stream nobody wants the bytes of */
    struct coder *coder;
    reply_finish *finish;
    void *finish_context;
    struct problem *(*handle)(struct request *rq, struct reply *rp); /* of REPLY_WORKER */
    bool is_long;                  /* likewise: it is for a worker of long answers */
    const struct problem *problem; /* answered, for the log */
};

/* What is released when the exchange is over; see request_at_end. */
struct held {
    struct held *next;
    void (*release)(void *value);
    void *value;
};

struct field {
    const char *name;
    const char *value;
};

/* News from a worker to the loop. */
enum exchange_event { EVENT_ANSWER = 1, EVENT_DATA = 2, EVENT_ROOM = 4, EVENT_DONE = 8 };

struct exchange {
    struct request request;
    struct reply reply;

    /* kept over reuse */
    struct arena *arena;
    struct buffer body; /* of an answer that is written piece by piece */
    struct buffer coded;

    /* fixed at its begin */
    struct loop *loop;
    struct listener *listener;
    struct client *client;
    struct MHD_Connection *connection;
    int64_t began_us;

    /* the request, fixed once accepted */
    const char *target;           /* as received */
    const char *path;             /* without the query */
    const char *query;            /* behind the ?, or NULL */
    const struct route_set *home; /* of a protocol of its own, or NULL */
    const char *host;
    const char *base_url; /* NULL: nobody asked yet */
    const char *method_text;
    struct field *fields;
    size_t field_count;
    struct request_option *options;
    size_t option_count;
    const char *const *parameters;
    struct held *held;
    char trace_id[33];
    int64_t content_length; /* -1: not said */
    bool chunked;
    bool expects_continue;
    bool must_close; /* its framing cannot be trusted */

    /* the loop's */
    bool seen;     /* all header fields came */
    bool started;  /* handler called or submitted */
    bool answered; /* the reply is made, or its stream has begun */
    bool queued;   /* the answer was given to libmicrohttpd */
    bool suspended;
    bool complete; /* all of the body came */
    bool job;      /* a worker has it, or will */
    bool in_rows;  /* a statement is under way */
    bool is_parked;
    bool feeds;    /* its handler writes its stream on the loop, and parks in between */
    bool raw_sent; /* answered past libmicrohttpd; only to be closed */
    bool closed;   /* libmicrohttpd is done with it */
    const struct problem_kind *refused; /* by libmicrohttpd itself */
    const char *ended;                  /* why before its time, for the log */
    struct ring *up;
    uint64_t body_limit;
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t window_bytes; /* of the minute that is measured */
    int64_t window_at_ms;
    int64_t suspended_at_ms;
    int64_t rows_sent_us;
    int64_t db_us;
    int64_t duration_us;
    int64_t park_until_ms; /* 0: never parked */
    int64_t queue_until_ms;
    struct workers *workers; /* those that have the job */
    struct exchange *next;   /* spare, or parked */
    struct exchange **link;

    /* any thread */
    atomic_uint events;
    atomic_int gone;             /* enum ring_fault */
    struct ring *_Atomic down;   /* made by the worker, freed by the loop */
    struct exchange *inbox_next; /* guarded by the loop's inbox_mutex */
    struct exchange *queue_next; /* guarded by the workers */
    struct problem *(*work)(struct request *rq, struct reply *rp); /* set before it is submitted */
};

/* exchange.c: all but exchange_post are called by the loop thread, as is what follows */
struct exchange *exchange_begin(struct listener *listener, struct client *client,
                                struct MHD_Connection *connection, const char *target);
void exchange_free(struct exchange *exchange);

/** News for the loop; a worker's last word is EVENT_DONE. exchange_events looks at them. */
void exchange_post(struct exchange *exchange, unsigned events);
void exchange_events(struct exchange *exchange);

/** The client closed its side: ends what nobody waits for any more. */
void exchange_hangup(struct exchange *exchange);

/** Ends what is under way, whatever it waits for. */
void exchange_give_up(struct exchange *exchange, enum ring_fault fault, const char *why);

/** Has less than the least rate moved, while it was the client's turn? Then exchange_too_slow ends
 * it, with a 408 where an answer is still possible. */
bool exchange_is_slow(struct exchange *exchange);
void exchange_too_slow(struct exchange *exchange, const char *detail);

/** Has no worker begun with it in time? Then it is answered 503. */
void exchange_leave_queue(struct exchange *exchange);

/** libmicrohttpd is done with it. */
void exchange_end(struct exchange *exchange, enum MHD_RequestTerminationCode why);

/* receive.c: what libmicrohttpd's handler is told */
enum MHD_Result exchange_call(struct exchange *exchange, const char *method, const char *url,
                              const char *version, const char *data, size_t *data_size);

/* handle.c */
/** Call its handler, or give it to a worker. */
void exchange_start(struct exchange *exchange);
/** Follow what a handler said: an answer, rows, a wait, a worker, or a problem. */
void exchange_settle(struct exchange *exchange, struct problem *problem);
void exchange_answer_problem(struct exchange *exchange, struct problem *problem);
void exchange_suspend(struct exchange *exchange);
void exchange_resume(struct exchange *exchange);
void exchange_unpark(struct exchange *exchange);
void exchange_rerun_parked(struct loop *loop, bool only_those_over);

/* accept.c */
struct problem *exchange_accept(struct exchange *exchange, const char *method, const char *url,
                                const char *version) MUST_USE;

/* hygiene.c */
struct problem *hygiene_check(struct exchange *exchange, const char *method, const char *url,
                              const char *version) MUST_USE;

/* answer.c */
enum MHD_Result exchange_queue(struct exchange *exchange);
void exchange_answer_raw(struct exchange *exchange);

/* work.c: the worker's thread */
struct db;
void exchange_work(struct exchange *exchange, struct db *db, struct coder *coder);

/* reply.c */
void reply_init(struct reply *rp);
void reply_of_problem(struct exchange *exchange, struct problem *problem);
/** The fields of every answer of the port that the path belongs to. */
void reply_begin_fields(struct exchange *exchange);
/** Choose the coding, encode a finished body. */
void reply_prepare(struct exchange *exchange, struct coder *coder);
/** The coding its body is worth and the client takes; and what follows from having coded it. */
enum coding reply_wanted_coding(struct exchange *exchange);
void reply_set_coding(struct exchange *exchange, enum coding coding);

/* reply_stream.c */
/** After the handler of a stream returned. */
void reply_end_stream(struct exchange *exchange, struct problem *problem);

/* An unread rest of a body that is read and dropped, so that the connection can be used again. */
#define SWALLOW_BYTES ((uint64_t)64 * 1024)

static inline bool exchange_has_body(const struct exchange *exchange)
{
    return exchange->chunked || exchange->content_length > 0;
}

/* Bytes still to come; chunks do not say. */
static inline uint64_t exchange_body_left(const struct exchange *exchange)
{
    return exchange->chunked ? UINT64_MAX : (uint64_t)exchange->content_length - exchange->bytes_in;
}

static inline struct exchange *exchange_of(const struct request *rq)
{
    return (struct exchange *)(uintptr_t)rq;
}

static inline struct exchange *exchange_of_reply(const struct reply *rp)
{
    return (struct exchange *)((uintptr_t)rp - offsetof(struct exchange, reply));
}

#endif
