/*
 * One connection of the lane: opened without waiting, watched, opened again when it was lost.
 *
 * Private to the lane, which owns it and its requests. One loop thread.
 */
#ifndef ENTREPOT_DB_LANE_CONNECTION_H
#define ENTREPOT_DB_LANE_CONNECTION_H

#include "conninfo.h"
#include "lane_pipeline.h"

/* What a connection tells its lane; in lane.c. lane_opened gives how many ever were. */
uint64_t lane_opened(struct lane *lane);
void lane_watched(struct lane *lane, int fd, unsigned events);

struct lane_connection;

struct lane_connection *lane_connection_new(struct lane *lane, const struct conninfo *conninfo,
                                            int64_t timeout_ms);
/** Returns what is in flight as lost. */
void lane_connection_free(struct lane_connection *connection);

bool lane_connection_is_open(const struct lane_connection *connection);
/** What lane_opened said when it was opened. */
uint64_t lane_connection_opened(const struct lane_connection *connection);
size_t lane_connection_pending(const struct lane_connection *connection);
/** How long nothing has come, or since the first of what is pending was sent. */
int64_t lane_connection_silent_ms(const struct lane_connection *connection, int64_t now_ms);
/** Why it could not be opened last time; "" when there is no reason. */
const char *lane_connection_fault(const struct lane_connection *connection);
/** The descriptor now watched, and for which events; -1 for none. */
int lane_connection_fd(const struct lane_connection *connection, unsigned *out_events);

/** Begin to open it, when it is closed and was not tried just now. */
void lane_connection_start(struct lane_connection *connection, int64_t now_ms);

/** Put a request into the batch; only while open. It can be lost at once. */
void lane_connection_send(struct lane_connection *connection, struct lane_request *request,
                          int64_t now_ms);
/** End the batch and send it. */
void lane_connection_flush(struct lane_connection *connection);
void lane_connection_ready(struct lane_connection *connection, unsigned events);
/** Give up what takes too long: opening, or an answer. */
void lane_connection_tick(struct lane_connection *connection, int64_t now_ms);

/** Requests of this context are answered to nobody. */
void lane_connection_forget(struct lane_connection *connection, const void *context);

#endif
