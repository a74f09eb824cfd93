/*
 * Where the issuer's keys come from: a JWKS file or URL that is read again as time goes by.
 *
 * One set is current at a time and is handed out whole. All reading is done by keys_turn, which may
 * wait for the network and is called by one thread only: the one of keys_start, or a test. The
 * others may be called by any thread and never wait for it.
 *
 *  - A file is looked at every few seconds and read when it changed, or after the TTL.
 *  - A URL is fetched again after the max-age it tells, but not before the TTL and at least once a
 *    day; after a failure, and when a token names an unknown key, after a pause of a minute.
 *  - A failure keeps the set there is. A day after it should have been replaced it is given up:
 * then no token is accepted until the keys are back.
 */
#ifndef ENTREPOT_AUTH_KEYS_H
#define ENTREPOT_AUTH_KEYS_H

#include "jwks.h"

#define KEYS_TTL_HIGHEST_MS INT64_C(86400000) /* 24 h */
#define KEYS_STALE_MS INT64_C(86400000)       /* 24 h */
#define KEYS_PAUSE_MS INT64_C(60000)          /* between fetches that something else asked for */
#define KEYS_LOOK_MS INT64_C(5000)            /* between looks at a file */
#define KEYS_LOOK_PAUSE_MS INT64_C(1000)      /* the same, when a token asked for it */

struct keys;

struct keys_options {
    const char *from;    /* a path, or a URL */
    unsigned algorithms; /* those configured */
    int64_t ttl_ms;
};

/**
 * Read the keys for the first time.
 *
 * Takes   now_ms: monotonic, as in all calls here.
 * Fails   PROBLEM_START: the file or URL gives no key set, or none with a usable key.
 */
struct problem *keys_open(struct arena *arena, const struct keys_options *options, int64_t now_ms,
                          struct keys **out_keys) MUST_USE;

/** Start the thread that takes the turns. Fails PROBLEM_START. */
struct problem *keys_start(struct arena *arena, struct keys *keys) MUST_USE;

/** Stop the thread, if any, and release all. Sets that are held elsewhere live on. */
void keys_close(struct keys *keys);

/** Read again if it is time to. Gives when to call again at the latest. */
int64_t keys_turn(struct keys *keys, int64_t now_ms);

/**
 * A token names a key that is not in the set: read again soon.
 *
 * Gives   true when that brought the next reading forward; false when it was asked for already.
 */
bool keys_want(struct keys *keys, int64_t now_ms);

/** Hold the current set, and its generation; NULL when it was given up. */
struct jwks *keys_hold(struct keys *keys, uint64_t *out_generation);

/** Counts the sets: what was judged by an earlier one must be judged again. */
uint64_t keys_generation(const struct keys *keys);

CLEANUP_DEFINE(struct keys *, keys_close)

#endif
