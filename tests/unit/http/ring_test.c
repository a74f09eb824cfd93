#include "server/http/ring.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define TOTAL ((size_t)5 * 1000 * 1000)

static atomic_int wakes;

static void wake(void *context)
{
    (void)context;
    atomic_fetch_add(&wakes, 1);
}

static char byte_at(size_t i)
{
    return (char)(i * 31 + i / 1021);
}

/* Waits for a wake that was not seen yet, as a loop does in its epoll. */
static void await_wake(int *seen)
{
    while (atomic_load(&wakes) == *seen)
        (void)sched_yield();
    *seen = atomic_load(&wakes);
}

static void *put_all(void *context)
{
    struct ring *ring = context;
    char piece[7001];
    for (size_t at = 0; at < TOTAL; at += sizeof piece) {
        size_t size = TOTAL - at < sizeof piece ? TOTAL - at : sizeof piece;
        for (size_t i = 0; i < size; i++)
            piece[i] = byte_at(at + i);
        if (!ring_put(ring, piece, size))
            return NULL;
    }
    ring_end(ring);
    wake(NULL); /* as a worker tells its loop that it is done */
    return ring;
}

START_TEST(a_loop_reads_what_a_worker_writes)
{
    struct ring *ring = ring_new(wake, NULL);
    pthread_t worker;
    ck_assert_int_eq(pthread_create(&worker, NULL, put_all, ring), 0);
    char data[5003];
    size_t wrong = 0;
    size_t total = 0;
    int seen = 0;
    while (!ring_is_over(ring)) {
        size_t size = ring_poll(ring, data, sizeof data);
        for (size_t i = 0; i < size; i++)
            wrong += data[i] != byte_at(total + i);
        total += size;
        if (!size && !ring_is_over(ring))
            await_wake(&seen);
    }
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(total, TOTAL);
    ck_assert_int_eq(pthread_join(worker, NULL), 0);
    ring_free(ring);
}
END_TEST

static void *take_all(void *context)
{
    struct ring *ring = context;
    char data[9001];
    size_t wrong = 0;
    size_t total = 0;
    for (size_t size = 1; size; total += size) {
        size = ring_take(ring, data, sizeof data);
        for (size_t i = 0; i < size; i++)
            wrong += data[i] != byte_at(total + i);
    }
    return wrong || total != TOTAL ? NULL : ring;
}

START_TEST(a_worker_reads_what_a_loop_writes)
{
    struct ring *ring = ring_new(wake, NULL);
    pthread_t worker;
    void *result;
    ck_assert_int_eq(pthread_create(&worker, NULL, take_all, ring), 0);
    char piece[6007];
    int seen = 0;
    for (size_t at = 0; at < TOTAL;) {
        size_t size = TOTAL - at < sizeof piece ? TOTAL - at : sizeof piece;
        for (size_t i = 0; i < size; i++)
            piece[i] = byte_at(at + i);
        size_t stored = ring_offer(ring, piece, size);
        at += stored;
        if (!stored)
            await_wake(&seen);
    }
    ring_end(ring);
    ck_assert_int_eq(pthread_join(worker, &result), 0);
    ck_assert_ptr_eq(result, ring);
    ring_free(ring);
}
END_TEST

START_TEST(a_full_ring_takes_no_more)
{
    struct ring *ring = ring_new(wake, NULL);
    static char much[RING_BYTES + 1];
    ck_assert_uint_eq(ring_offer(ring, much, sizeof much), RING_BYTES);
    ck_assert_uint_eq(ring_offer(ring, much, 1), 0);
    ck_assert_uint_eq(ring_take(ring, much, 10), 10);
    ck_assert_uint_eq(ring_offer(ring, much, sizeof much), 10);
    ring_free(ring);
}
END_TEST

START_TEST(the_first_bytes_are_shown_at_once)
{
    struct ring *ring = ring_new(wake, NULL);
    char data[10];
    atomic_store(&wakes, 0);
    ck_assert(!ring_is_begun(ring));
    ck_assert(ring_put(ring, "hello", 5));
    ck_assert(ring_is_begun(ring));
    ck_assert_int_eq(atomic_load(&wakes), 1);
    ck_assert_uint_eq(ring_poll(ring, data, sizeof data), 5);
    ck_assert_uint_eq(ring_poll(ring, data, sizeof data), 0);
    ck_assert(!ring_is_over(ring));
    ring_end(ring);
    ck_assert(ring_is_over(ring));
    ring_free(ring);
}
END_TEST

START_TEST(the_end_shows_what_is_left)
{
    struct ring *ring = ring_new(wake, NULL);
    char data[10];
    ck_assert(ring_put(ring, "a", 1));
    ck_assert(ring_put(ring, "b", 1));
    ring_end(ring);
    ck_assert(!ring_is_over(ring));
    size_t size = ring_poll(ring, data, sizeof data);
    ck_assert_uint_eq(size, 2);
    ck_assert_mem_eq(data, "ab", 2);
    ck_assert(ring_is_over(ring));
    ring_free(ring);
}
END_TEST

START_TEST(a_worker_that_waits_is_told_when_the_ring_is_given_up)
{
    struct ring *ring = ring_new(wake, NULL);
    pthread_t worker;
    void *result;
    ck_assert_int_eq(pthread_create(&worker, NULL, put_all, ring), 0);
    while (!ring_is_begun(ring))
        (void)sched_yield();
    ring_break(ring, RING_GONE);
    ring_break(ring, RING_SLOW); /* the first says why */
    ck_assert_int_eq(pthread_join(worker, &result), 0);
    ck_assert_ptr_null(result);
    ck_assert_int_eq(ring_fault(ring), RING_GONE);
    char data[10];
    ck_assert_uint_eq(ring_poll(ring, data, sizeof data), 0);
    ck_assert_uint_eq(ring_take(ring, data, sizeof data), 0);
    ck_assert_uint_eq(ring_offer(ring, data, sizeof data), 0);
    ck_assert(!ring_put(ring, data, sizeof data));
    ck_assert(!ring_is_over(ring));
    ring_free(ring);
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_loop_reads_what_a_worker_writes),
    TEST(a_worker_reads_what_a_loop_writes),
    TEST(a_full_ring_takes_no_more),
    TEST(the_first_bytes_are_shown_at_once),
    TEST(the_end_shows_what_is_left),
    TEST(a_worker_that_waits_is_told_when_the_ring_is_given_up),
};
TEST_MAIN("ring", cases)
