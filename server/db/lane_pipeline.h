/*
 * What was sent on one connection of the lane and is not answered yet, in the order of its answers.
 *
 * libpq's pipeline mode gives the answers in the order of the questions; a ring remembers what was
 * asked. A batch ends with a sync: within it, what stands behind a failure comes back aborted.
 * Private to the lane, which owns the requests. One loop thread.
 */
#ifndef ENTREPOT_DB_LANE_PIPELINE_H
#define ENTREPOT_DB_LANE_PIPELINE_H

#include "lane.h"
#include "lane_statements.h"

/* A statement that somebody waits for. The lane's own memory, because a client that has gone takes
 * its arena along while the answer is still under way. */
struct lane_request {
    struct lane_request *next; /* in the queue it stands in */
    lane_done *done;           /* NULL: forgotten, and nothing below may be touched but flags */
    void *context;
    struct arena *arena;
    const char *text;
    struct params params;
    int64_t deadline_ms;
    int tries;      /* it was sent and came back without an answer of its own */
    bool lost;      /* with its connection, once */
    uint64_t after; /* it goes on one opened after this many, so not on the next that is dying */
    bool alone;     /* must not share its batch */
    bool costly;    /* as its query says */
};

/* Why a request comes back without an answer. */
enum lane_return {
    LANE_ABORTED, /* another one of its batch failed, or what it needed was not there */
    LANE_LOST     /* the connection went */
};

/* What a pipeline tells its lane; in lane.c. */
void lane_answered(struct lane *lane, struct lane_request *request, const PGresult *result);
void lane_returned(struct lane *lane, struct lane_request *request, enum lane_return why);

/* Something sent that libpq will give an answer for. */
struct lane_item;

struct lane_pipeline {
    struct lane *lane;
    PGconn *connection; /* not ours */
    struct lane_statements *statements;
    struct lane_item *items; /* a ring; capacity is a power of two */
    size_t first;
    size_t count;
    size_t capacity;
    size_t pending; /* requests among them */
    bool unsynced;  /* the batch is open */
    bool unflushed; /* bytes may wait in libpq */
};

void lane_pipeline_init(struct lane_pipeline *pipeline, struct lane *lane);
void lane_pipeline_clear(struct lane_pipeline *pipeline);

/** Begin on a new connection, on which nothing is prepared. False when libpq refuses. */
bool lane_pipeline_begin(struct lane_pipeline *pipeline, PGconn *connection);

/** The connection is gone: returns the requests as lost. */
void lane_pipeline_end(struct lane_pipeline *pipeline);

/** Put a request into the batch. False when the connection is of no use any more; the request then
 *  stands in the ring when pending has grown. */
bool lane_pipeline_send(struct lane_pipeline *pipeline, struct lane_request *request);

/** End the batch, if one is open. False as above. */
bool lane_pipeline_sync(struct lane_pipeline *pipeline);

/** Hand on the answers that libpq has read. False as above. */
bool lane_pipeline_read(struct lane_pipeline *pipeline);

void lane_pipeline_forget(struct lane_pipeline *pipeline, const void *context);

#endif
