/*
 * A ring of 4 × 128 KB between one worker and one event loop: bodies on their way in or out.
 *
 * One side is a worker, which waits; the other a loop, which never does. ring_put and ring_offer
 * write, ring_take and ring_poll read; a ring has one writer and one reader for its whole life.
 * What a worker writes is shown to the loop in pieces of 128 KB, so that threads are not woken for
 * every row: the first write at once, later ones when a piece is full, the last shown is older than
 * 50 ms, or the body ends. A loop that found the ring empty or full is told by `wake`, called once
 * by ring_put or ring_take, on the worker's thread, when it is worth another look.
 */
#ifndef ENTREPOT_HTTP_RING_H
#define ENTREPOT_HTTP_RING_H

#include <stdbool.h>
#include <stddef.h>

#define RING_PIECE ((size_t)128 * 1024)
#define RING_BYTES (4 * RING_PIECE)

struct ring;

/* Why a ring was given up; 0 is not. Whoever gives it up first says why. */
enum ring_fault { RING_SOUND, RING_CUT, RING_GONE, RING_SLOW, RING_TOO_LARGE, RING_STOPPED };

typedef void ring_wake(void *context);

/** Aborts when out of memory. The bytes are touched only as far as they are used. */
struct ring *ring_new(ring_wake *wake, void *context);
void ring_free(struct ring *ring);

/** The worker's side. Wait until all is stored or read what there is; false and 0 tell that the
 * ring was given up, 0 also that the body ended. */
bool ring_put(struct ring *ring, const void *data, size_t size);
size_t ring_take(struct ring *ring, void *out, size_t capacity);

/** The loop's side. Give how much was stored or read; 0 means wait for `wake`, or see ring_is_over.
 */
size_t ring_offer(struct ring *ring, const void *data, size_t size);
size_t ring_poll(struct ring *ring, void *out, size_t capacity);

/** The writer has written all. Does not call `wake`: a worker tells its loop that it is done
 * anyway. */
void ring_end(struct ring *ring);

/** Give it up: no worker waits on it any more, and what is in it is lost. Any thread; does not call
 *  `wake` either. */
void ring_break(struct ring *ring, enum ring_fault fault);
enum ring_fault ring_fault(struct ring *ring);

/** Has everything been read, and the writer ended? */
bool ring_is_over(struct ring *ring);

/** Was anything shown to the reader yet? */
bool ring_is_begun(struct ring *ring);

#endif
