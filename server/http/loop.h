/*
 * An event loop: one thread that watches its connections, its database sockets and its own wake-up,
 * all in one epoll. Private to server/http; but for loop_post and loop_wake, its thread alone
 * calls.
 */
#ifndef ENTREPOT_HTTP_LOOP_H
#define ENTREPOT_HTTP_LOOP_H

#include "server.h"

/** The thread: serve until the stage says stop and all is done. Takes a struct loop. */
void *loop_run(void *loop);

/** An exchange has events for its loop. */
void loop_post(struct exchange *exchange);

/** Look at signals and at the stage. May be called in a signal handler. */
void loop_wake(struct loop *loop);

/** Tell exchange_hangup when the client sends no more; forget about it. */
void loop_watch_hangup(struct client *client);
void loop_forget_hangup(struct client *client);

/* client.c: what libmicrohttpd calls, and the sweep */
struct MHD_Daemon *client_daemon(struct listener *listener);
/** Gives true when another sweep is wanted soon. */
bool client_sweep(struct loop *loop);
/** Shut the connection down; libmicrohttpd sees its end in its next turn. */
void client_doom(struct client *client);
void client_close_idle(struct loop *loop);
void client_cut_all(struct loop *loop);

/* linger.c: a connection is about to be closed with bytes of the client unread, which are read for
 * a while, so that the answer is not lost in a reset */
void linger_begin(struct loop *loop, int fd);
void linger_ready(struct watch *watch, struct loop *loop);
void linger_sweep(struct loop *loop, bool all);

#endif
