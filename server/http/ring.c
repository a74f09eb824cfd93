#include "ring.h"

#include "server/base/clock.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A trickle is shown this long after the last piece. */
#define SHOW_MS 50

struct ring {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* counts of bytes since the start; guarded */
    size_t shown;
    size_t taken;
    bool ended;
    enum ring_fault fault;
    bool worker_waits;
    bool loop_waits;
    /* the writer's alone */
    size_t written;
    int64_t shown_at_ms;
    /* fixed */
    ring_wake *wake;
    void *context;
    char *data;
};

struct ring *ring_new(ring_wake *wake, void *context)
{
    struct ring *ring = calloc(1, sizeof *ring);
    char *data = malloc(RING_BYTES);
    if (!ring || !data)
        abort();
    if (pthread_mutex_init(&ring->mutex, NULL) != 0 || pthread_cond_init(&ring->changed, NULL) != 0)
        abort();
    ring->data = data;
    ring->wake = wake;
    ring->context = context;
    ring->loop_waits = true; /* the first bytes are news to a loop that has not looked yet */
    return ring;
}

void ring_free(struct ring *ring)
{
    if (!ring)
        return;
    (void)pthread_cond_destroy(
        &ring->changed); /* fails only while someone waits: a bug elsewhere */
    (void)pthread_mutex_destroy(&ring->mutex);
    free(ring->data);
    free(ring);
}

static void lock(struct ring *ring)
{
    int failed = pthread_mutex_lock(&ring->mutex);
    assert(!failed);
}

static void unlock(struct ring *ring)
{
    int failed = pthread_mutex_unlock(&ring->mutex);
    assert(!failed);
}

static void copy_in(struct ring *ring, const char *data, size_t size)
{
    size_t at = ring->written % RING_BYTES;
    size_t first = size < RING_BYTES - at ? size : RING_BYTES - at;
    memcpy(ring->data + at, data, first);
    memcpy(ring->data, data + first, size - first);
    ring->written += size;
}

static void copy_out(const struct ring *ring, size_t from, char *out, size_t size)
{
    size_t at = from % RING_BYTES;
    size_t first = size < RING_BYTES - at ? size : RING_BYTES - at;
    memcpy(out, ring->data + at, first);
    memcpy(out + first, ring->data, size - first);
}

static size_t least(size_t left, size_t right)
{
    return left < right ? left : right;
}

/* Show what was written. Holds the lock; tells whether the loop is to be woken after it. */
static bool show(struct ring *ring, int64_t now_ms)
{
    bool news = ring->loop_waits && ring->written > ring->shown;
    ring->shown = ring->written;
    ring->shown_at_ms = now_ms;
    if (news)
        ring->loop_waits = false;
    return news;
}

/* Wait until there is room for a piece, showing first what waits. Gives the room; 0: given up. */
static size_t wait_for_room(struct ring *ring)
{
    lock(ring);
    while (!ring->fault && RING_BYTES - (ring->written - ring->taken) < RING_PIECE) {
        if (show(ring, clock_monotonic_ms())) {
            unlock(ring);
            ring->wake(ring->context);
            lock(ring);
            continue;
        }
        ring->worker_waits = true;
        (void)pthread_cond_wait(&ring->changed, &ring->mutex);
        ring->worker_waits = false;
    }
    size_t room = ring->fault ? 0 : RING_BYTES - (ring->written - ring->taken);
    unlock(ring);
    return room;
}

bool ring_put(struct ring *ring, const void *data, size_t size)
{
    const char *from = data;
    while (size) {
        size_t room = wait_for_room(ring);
        if (!room)
            return false;
        size_t part = least(size, room);
        copy_in(ring, from, part);
        from += part;
        size -= part;
        int64_t now_ms = clock_monotonic_ms();
        lock(ring);
        bool news = false;
        if (ring->written - ring->shown >= RING_PIECE || now_ms - ring->shown_at_ms >= SHOW_MS)
            news = show(ring, now_ms);
        unlock(ring);
        if (news)
            ring->wake(ring->context);
    }
    return true;
}

size_t ring_take(struct ring *ring, void *out, size_t capacity)
{
    lock(ring);
    while (!ring->fault && !ring->ended
           && ring->shown - ring->taken < least(capacity, RING_PIECE)) {
        ring->worker_waits = true;
        (void)pthread_cond_wait(&ring->changed, &ring->mutex);
        ring->worker_waits = false;
    }
    size_t size = ring->fault ? 0 : least(capacity, ring->shown - ring->taken);
    unlock(ring);
    if (!size)
        return 0;
    copy_out(ring, ring->taken, out, size);
    lock(ring);
    ring->taken += size;
    bool news = ring->loop_waits && RING_BYTES - (ring->shown - ring->taken) >= RING_PIECE;
    if (news)
        ring->loop_waits = false;
    unlock(ring);
    if (news)
        ring->wake(ring->context);
    return size;
}

size_t ring_offer(struct ring *ring, const void *data, size_t size)
{
    lock(ring);
    size_t room = ring->fault ? 0 : RING_BYTES - (ring->written - ring->taken);
    if (!room)
        ring->loop_waits = true;
    unlock(ring);
    size_t part = least(size, room);
    if (!part)
        return 0;
    copy_in(ring, data, part);
    lock(ring);
    ring->shown = ring->written;
    if (ring->worker_waits && ring->shown - ring->taken >= RING_PIECE)
        (void)pthread_cond_signal(&ring->changed);
    unlock(ring);
    return part;
}

size_t ring_poll(struct ring *ring, void *out, size_t capacity)
{
    lock(ring);
    size_t size = ring->fault ? 0 : least(capacity, ring->shown - ring->taken);
    size_t from = ring->taken;
    if (!size && !ring->ended)
        ring->loop_waits = true;
    unlock(ring);
    if (!size)
        return 0;
    copy_out(ring, from, out, size);
    lock(ring);
    ring->taken += size;
    if (ring->worker_waits && RING_BYTES - (ring->shown - ring->taken) >= RING_PIECE)
        (void)pthread_cond_signal(&ring->changed);
    unlock(ring);
    return size;
}

void ring_end(struct ring *ring)
{
    lock(ring);
    ring->ended = true;
    ring->shown = ring->written;
    (void)pthread_cond_signal(&ring->changed);
    unlock(ring);
}

void ring_break(struct ring *ring, enum ring_fault fault)
{
    lock(ring);
    if (!ring->fault)
        ring->fault = fault;
    (void)pthread_cond_signal(&ring->changed);
    unlock(ring);
}

enum ring_fault ring_fault(struct ring *ring)
{
    lock(ring);
    enum ring_fault fault = ring->fault;
    unlock(ring);
    return fault;
}

bool ring_is_over(struct ring *ring)
{
    lock(ring);
    bool over = ring->ended && ring->taken == ring->shown;
    unlock(ring);
    return over;
}

bool ring_is_begun(struct ring *ring)
{
    lock(ring);
    bool begun = ring->shown > 0;
    unlock(ring);
    return begun;
}
