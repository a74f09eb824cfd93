/*
 * A connection to the control port of a running server: requests with JSON, and server-sent events.
 *
 * libcurl is used with a loop of our own, so that signals are seen while the server is silent. One
 * thread.
 */
#ifndef ENTREPOT_CLIENT_CONTROL_H
#define ENTREPOT_CLIENT_CONTROL_H

#include "options.h"

#include <jansson.h>

struct control;

struct control_answer {
    long status;
    json_t *json;     /* NULL: the body is no JSON; the connection's, until its next request */
    const char *text; /* the body */
};

/** Fails PROBLEM_START: the URL makes no sense, or no token could be minted. */
struct problem *control_open(struct arena *arena, const struct client_options *options,
                             struct control **out_control) MUST_USE;
void control_close(struct control *control);
CLEANUP_DEFINE(struct control *, control_close)

/**
 * One request.
 *
 * Takes   path: behind the URL; body: JSON, or NULL.
 * Fails   PROBLEM_START: the server is away, or its answer no problem document and no success.
 *         With the server's own words and faults where it refused.
 */
struct problem *control_ask(struct control *control, struct arena *arena, const char *method,
                            const char *path, const char *body,
                            struct control_answer *out_answer) MUST_USE;

/* Who listens to events: event is called for each, look several times a second. Either may stop the
 * listening by false. */
struct control_listener {
    bool (*event)(void *context, const char *name, json_t *data);
    bool (*look)(void *context);
    void *context;
};

/**
 * Listen to server-sent events until their end, coming again where the connection broke.
 *
 * Fails   as control_ask does; PROBLEM_START when coming again was in vain.
 */
struct problem *control_listen(struct control *control, struct arena *arena, const char *path,
                               const struct control_listener *listener) MUST_USE;

/** A name as one segment of a path. */
const char *control_segment(struct arena *arena, const char *name);

#endif
