/*
 * Listening sockets: an address becomes as many sockets on one port as there are loops.
 *
 * Start-up only; the sockets are the caller's.
 */
#ifndef ENTREPOT_HTTP_LISTEN_H
#define ENTREPOT_HTTP_LISTEN_H

#include "server/base/problem.h"

/**
 * Listen on one port with several sockets; the system parts new connections among them.
 *
 * Takes   address: "127.0.0.1:8080", "[::1]:8080", "localhost:8080", ":8080" for every address;
 * port 0 takes a free one. Gives   count descriptors in out_sockets, and the port. Fails
 * PROBLEM_START: not an address, not ours, or in use; the detail names it. No socket is open.
 */
struct problem *listen_on(struct arena *arena, const char *address, size_t count, int *out_sockets,
                          int *out_port) MUST_USE;

#endif
