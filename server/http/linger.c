#include "loop.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long and how much is read of a client that goes on sending after it was answered. */
#define LINGER_MS INT64_C(2000)
#define LINGER_BYTES ((size_t)16 * 1024 * 1024)
#define LINGER_STEP ((size_t)16 * 1024)
#define LINGER_COUNT 256

struct lingering {
    struct watch
        watch; /* a copy of the connection's descriptor: closing the other sends no reset */
    struct lingering *next;
    struct lingering **link;
    int64_t until_ms;
    size_t bytes;
};

static void end(struct lingering *linger)
{
    *linger->link = linger->next;
    if (linger->next)
        linger->next->link = linger->link;
    close_at(&linger->watch.fd);
    free(linger);
}

void linger_begin(struct loop *loop, int fd)
{
    size_t count = 0;
    for (struct lingering *linger = loop->lingering; linger; linger = linger->next)
        count++;
    int copy = count < LINGER_COUNT ? dup(fd) : -1;
    if (copy < 0)
        return; /* then the client may see a reset before it sees the answer */
    struct lingering *linger = calloc(1, sizeof *linger);
    if (!linger)
        abort();
    linger->watch = (struct watch){ WATCH_LINGER, copy };
    linger->until_ms = loop->now_ms + LINGER_MS;
    linger->next = loop->lingering;
    linger->link = &loop->lingering;
    if (loop->lingering)
        loop->lingering->link = &linger->next;
    loop->lingering = linger;
    struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP, .data.ptr = &linger->watch };
    if (shutdown(copy, SHUT_WR) != 0 || epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, copy, &event) != 0)
        end(linger);
}

void linger_ready(struct watch *watch, struct loop *loop)
{
    (void)loop; /* the list is doubly linked */
    struct lingering *linger = (struct lingering *)watch;
    char dropped[LINGER_STEP];
    ssize_t size = recv(watch->fd, dropped, sizeof dropped, MSG_DONTWAIT);
    if (size > 0)
        linger->bytes += (size_t)size;
    if (size <= 0 || linger->bytes > LINGER_BYTES)
        end(linger);
}

void linger_sweep(struct loop *loop, bool all)
{
    struct lingering *linger = loop->lingering;
    while (linger) {
        struct lingering *next = linger->next;
        if (all || loop->now_ms >= linger->until_ms)
            end(linger);
        linger = next;
    }
}
