#include "loop.h"

#include "exchange.h"

#include "server/base/clock.h"
#include "server/base/digest.h"
#include "server/base/log.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define TURN_EVENTS 128
#define SCRATCH_BYTES ((size_t)4096)

/* The longest sleep: sweeps, deadlines and reconnects are looked at this often at least. */
#define TICK_MS INT64_C(1000)

/* The pause between sweeps while something is about to end. */
#define SOON_MS INT64_C(20)

/* How long connections may still come in when a stop finds some waiting. */
#define LAST_CALL_MS INT64_C(200)

static void watch_add(struct loop *loop, struct watch *watch, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = watch };
    int failed = epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event);
    assert(!failed);
}

void loop_wake(struct loop *loop)
{
    const uint64_t one = 1;
    ssize_t written = write(loop->wake.fd, &one, sizeof one);
    (void)written; /* a full counter wakes as well */
}

void loop_post(struct exchange *exchange)
{
    struct loop *loop = exchange->loop;
    int failed = pthread_mutex_lock(&loop->inbox_mutex);
    assert(!failed);
    bool was_empty = !loop->inbox;
    exchange->inbox_next = NULL;
    *loop->inbox_end = exchange;
    loop->inbox_end = &exchange->inbox_next;
    failed = pthread_mutex_unlock(&loop->inbox_mutex);
    assert(!failed);
    if (was_empty)
        loop_wake(loop);
}

static void read_inbox(struct loop *loop)
{
    int failed = pthread_mutex_lock(&loop->inbox_mutex);
    assert(!failed);
    struct exchange *exchange = loop->inbox;
    loop->inbox = NULL;
    loop->inbox_end = &loop->inbox;
    failed = pthread_mutex_unlock(&loop->inbox_mutex);
    assert(!failed);
    while (exchange) {
        struct exchange *next = exchange->inbox_next; /* an event may end the exchange */
        exchange_events(exchange);
        exchange = next;
    }
}

void loop_watch_hangup(struct client *client)
{
    if (client->hangup_watched)
        return;
    client->hangup_watched = true;
    watch_add(client->loop, &client->watch, EPOLLRDHUP | EPOLLONESHOT);
}

void loop_forget_hangup(struct client *client)
{
    if (!client->hangup_watched)
        return;
    client->hangup_watched = false;
    int failed = epoll_ctl(client->loop->epoll_fd, EPOLL_CTL_DEL, client->watch.fd, NULL);
    assert(!failed);
}

static struct lane_socket *lane_socket_of(struct loop *loop, int fd)
{
    struct lane_socket *socket = loop->lane_sockets;
    while (socket && socket->watch.fd != fd)
        socket = socket->next;
    return socket;
}

static void watch_lane(void *context, int fd, unsigned events)
{
    struct loop *loop = context;
    struct lane_socket *socket = lane_socket_of(loop, fd);
    struct epoll_event event = { .events = events };
    if (!events) {
        if (!socket)
            return;
        (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL); /* it may be closed already */
        socket->watch.fd = -1; /* kept: an event of this turn may still point to it */
        return;
    }
    bool known = socket != NULL;
    if (!socket)
        socket = lane_socket_of(loop, -1);
    if (!socket) {
        socket = calloc(1, sizeof *socket);
        if (!socket)
            abort();
        socket->next = loop->lane_sockets;
        loop->lane_sockets = socket;
    }
    socket->watch = (struct watch){ WATCH_LANE, fd };
    event.data.ptr = &socket->watch;
    if (known && epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, fd, &event) == 0)
        return;
    /* a descriptor that was closed without a word has left the epoll by itself */
    int failed = epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event);
    assert(!failed);
}

static void handle_event(struct loop *loop, const struct epoll_event *event)
{
    struct watch *watch = event->data.ptr;
    uint64_t count;
    switch (watch->kind) {
    case WATCH_DAEMON:
        return; /* all daemons are run in every turn */
    case WATCH_WAKE:
        while (read(watch->fd, &count, sizeof count) > 0)
            ;
        return;
    case WATCH_LANE:
        if (watch->fd >= 0)
            lane_ready(loop->lane, watch->fd, event->events);
        return;
    case WATCH_CLIENT: {
        struct client *client = (struct client *)watch;
        if (client->exchange)
            exchange_hangup(client->exchange);
        return;
    }
    case WATCH_LINGER:
        linger_ready(watch, loop);
        return;
    }
}

static int wait_ms(struct loop *loop)
{
    int64_t wait = loop->sweep_at_ms - loop->now_ms;
    for (size_t i = 0; i < loop->listener_count; i++) {
        MHD_UNSIGNED_LONG_LONG daemon_wait;
        if (MHD_get_timeout(loop->listeners[i].daemon, &daemon_wait) == MHD_YES
            && daemon_wait < (MHD_UNSIGNED_LONG_LONG)TICK_MS && (int64_t)daemon_wait < wait)
            wait = (int64_t)daemon_wait;
    }
    return wait < 0 ? 0 : wait > TICK_MS ? (int)TICK_MS : (int)wait;
}

static int64_t sweep_pause(const struct loop *loop, bool soon)
{
    int64_t pause = loop->http->limits.request_ms / 2;
    if (loop->parked_count && pause > 100)
        pause = 100; /* their deadlines are looked at by the sweep */
    return pause < SOON_MS || soon ? SOON_MS : pause > TICK_MS ? TICK_MS : pause;
}

static void sweep(struct loop *loop)
{
    if (loop->now_ms < loop->sweep_at_ms)
        return;
    if (loop->lane)
        lane_tick(loop->lane);
    if (loop->parked)
        exchange_rerun_parked(loop, true);
    bool soon = client_sweep(loop);
    linger_sweep(loop, false);
    loop->sweep_at_ms = loop->now_ms + sweep_pause(loop, soon);
}

static void set_gauges(struct loop *loop)
{
    atomic_store_explicit(&loop->gauge_parked, loop->parked_count, memory_order_relaxed);
    if (!loop->lane)
        return;
    atomic_store_explicit(&loop->gauge_pending, lane_pending(loop->lane), memory_order_relaxed);
    atomic_store_explicit(&loop->gauge_connected, lane_connected(loop->lane), memory_order_relaxed);
}

/* Connections that wait to be accepted would be reset when their listener closes. */
static bool has_waiting(const struct loop *loop)
{
    for (size_t i = 0; i < loop->listener_count; i++) {
        struct pollfd listener = { .fd = loop->listeners[i].socket, .events = POLLIN };
        if (poll(&listener, 1, 0) > 0)
            return true;
    }
    return false;
}

static void go_quiet(struct loop *loop)
{
    loop->quiet = true;
    for (size_t i = 0; i < loop->listener_count; i++) {
        (void)MHD_quiesce_daemon(loop->listeners[i].daemon); /* gives the socket, which is ours */
        close_at(&loop->listeners[i].socket);
        loop->listeners[i].socket = -1;
    }
    exchange_rerun_parked(loop, true);
}

/* Follow the stage of the server. Gives false when there is nothing left to serve. */
static bool follow_stage(struct loop *loop)
{
    int stage = atomic_load(&loop->http->stage);
    if (stage == STAGE_SERVING)
        return true;
    if (!loop->cut_at_ms) {
        loop->quiet_at_ms = loop->now_ms + LAST_CALL_MS;
        loop->cut_at_ms = loop->now_ms + loop->http->limits.drain_ms;
    }
    loop->sweep_at_ms = loop->now_ms + SOON_MS; /* no long sleeps from here on */
    if (!loop->quiet) {
        if (stage == STAGE_DRAINING && has_waiting(loop) && loop->now_ms < loop->quiet_at_ms)
            return true;
        go_quiet(loop);
    }
    if (stage == STAGE_CUTTING || loop->now_ms >= loop->cut_at_ms)
        client_cut_all(loop);
    else
        client_close_idle(loop);
    return loop->clients || loop->exchange_count;
}

static void turn(struct loop *loop)
{
    struct epoll_event events[TURN_EVENTS];
    int count = epoll_wait(loop->epoll_fd, events, TURN_EVENTS, wait_ms(loop));
    assert(count >= 0 || errno == EINTR);
    loop->now_ms = clock_monotonic_ms();
    for (int i = 0; i < count; i++)
        handle_event(loop, &events[i]);
    read_inbox(loop);
    if (atomic_exchange(&loop->signalled, false))
        exchange_rerun_parked(loop, false);
    sweep(loop);
    for (size_t i = 0; i < loop->listener_count; i++)
        (void)MHD_run(loop->listeners[i].daemon); /* fails only after it was stopped */
    if (loop->lane)
        lane_flush(loop->lane);
    arena_reset(loop->scratch);
    access_log_flush(&loop->log);
    set_gauges(loop);
}

static void open_all(struct loop *loop)
{
    struct http *http = loop->http;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    assert(loop->epoll_fd >= 0);
    watch_add(loop, &loop->wake, EPOLLIN);
    loop->scratch = arena_new(SCRATCH_BYTES);
    loop->coder = coder_new(CODER_FOR_ANSWER);
    digest_random(loop->random, sizeof loop->random);
    loop->now_ms = clock_monotonic_ms();
    if (http->conninfo) {
        loop->lane = lane_open(http->conninfo, http->lane_connections, http->limits.read_ms);
        lane_set_watch(loop->lane, watch_lane, loop);
    }
    if (http->hooks.loop_open)
        loop->state = http->hooks.loop_open(http->hooks.server);
    for (size_t i = 0; i < loop->listener_count; i++) {
        struct listener *listener = &loop->listeners[i];
        listener->daemon = client_daemon(listener);
        assert(listener->daemon);
        const union MHD_DaemonInfo *info =
            MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD);
        assert(info);
        listener->watch = (struct watch){ WATCH_DAEMON, info->epoll_fd };
        watch_add(loop, &listener->watch, EPOLLIN);
    }
}

static void close_all(struct loop *loop)
{
    for (size_t i = 0; i < loop->listener_count; i++)
        MHD_stop_daemon(loop->listeners[i].daemon);
    linger_sweep(loop, true);
    lane_close(loop->lane);
    while (loop->lane_sockets) {
        struct lane_socket *socket = loop->lane_sockets;
        loop->lane_sockets = socket->next;
        free(socket);
    }
    if (loop->http->hooks.loop_close)
        loop->http->hooks.loop_close(loop->state);
    while (loop->spare) {
        struct exchange *exchange = loop->spare;
        loop->spare = exchange->next;
        exchange_free(exchange);
    }
    access_log_flush(&loop->log);
    access_log_clear(&loop->log);
    coder_free(loop->coder);
    arena_free(loop->scratch);
    close_at(&loop->epoll_fd);
}

void *loop_run(void *argument)
{
    struct loop *loop = argument;
    open_all(loop);
    while (follow_stage(loop))
        turn(loop);
    close_all(loop);
    return NULL;
}
