#include "exchange.h"
#include "loop.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static struct client *client_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    assert(info && info->socket_context);
    return info->socket_context;
}

static void client_open(struct listener *listener, struct MHD_Connection *connection,
                        void **socket_context)
{
    struct loop *loop = listener->loop;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct client *client = calloc(1, sizeof *client);
    if (!client || !info)
        abort();
    client->watch = (struct watch){ WATCH_CLIENT, info->connect_fd };
    client->loop = loop;
    client->since_ms = loop->now_ms;
    client->next = loop->clients;
    client->link = &loop->clients;
    if (loop->clients)
        loop->clients->link = &client->next;
    loop->clients = client;
    atomic_fetch_add_explicit(&loop->gauge_connections, 1, memory_order_relaxed);
    *socket_context = client;
}

static void client_close(struct client *client)
{
    assert(!client->exchange);
    if (client->lingers)
        linger_begin(client->loop, client->watch.fd); /* it is closed after this call */
    *client->link = client->next;
    if (client->next)
        client->next->link = client->link;
    atomic_fetch_sub_explicit(&client->loop->gauge_connections, 1, memory_order_relaxed);
    free(client);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        client_open(context, connection, socket_context);
    else
        client_close(*socket_context);
}

static void *on_request_line(void *context, const char *target, struct MHD_Connection *connection)
{
    return exchange_begin(context, client_of(connection), connection, target);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_size, void **request_context)
{
    (void)context;
    (void)connection; /* the exchange knows both */
    return exchange_call(*request_context, method, url, version, data, data_size);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_context,
                         enum MHD_RequestTerminationCode why)
{
    (void)context;
    (void)connection; /* the exchange knows both */
    if (*request_context)
        exchange_end(*request_context, why);
    *request_context = NULL;
}

/* Paths and queries are decoded by us, strictly; libmicrohttpd's own decoder cuts a text at %00. */
static size_t leave_escaped(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

struct MHD_Daemon *client_daemon(struct listener *listener)
{
    const struct limits *limits = &listener->loop->http->limits;
    /* libmicrohttpd answers what does not fit its memory by itself: twice what is allowed leaves
     * room for us to see and refuse most of it */
    size_t memory = limits->header_bytes + 8192;
    /* the loops block every signal; not told so, libmicrohttpd would not use sendfile */
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO, 0, NULL, NULL, on_request,
        listener, MHD_OPTION_LISTEN_SOCKET, listener->socket, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        memory, MHD_OPTION_CONNECTION_LIMIT, (unsigned)limits->connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)limits->connections_per_ip,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)((limits->idle_ms + 999) / 1000),
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, listener, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, listener, MHD_OPTION_URI_LOG_CALLBACK, on_request_line, listener,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
        MHD_OPTION_END);
}

void client_doom(struct client *client)
{
    client->doomed = true;
    /* what is left to read must not make a reset of what was answered: see linger.c */
    int how = client->exchange && client->exchange->raw_sent ? SHUT_RD : SHUT_RDWR;
    (void)shutdown(client->watch.fd, how); /* it may be gone already */
}

/* Has a request, or the first byte of one, been waited for too long? A request may come a byte at a
 * time: what libmicrohttpd calls active may be endless. */
static bool is_overdue(const struct client *client)
{
    const struct limits *limits = &client->loop->http->limits;
    const struct exchange *exchange = client->exchange;
    int64_t since_ms = exchange ? exchange->window_at_ms : client->since_ms;
    int64_t patience_ms = limits->request_ms;
    if (!exchange && client->exchanges)
        patience_ms += limits->idle_ms;
    return client->loop->now_ms - since_ms > patience_ms;
}

/* A short read makes libmicrohttpd wait for an event, but the end of a connection that came with
 * the last bytes gives none: a client that went away in the middle of its body is seen here. */
static bool is_read_to_its_end(const struct client *client)
{
    int unread = 0;
    return !client->exchange->suspended && ioctl(client->watch.fd, FIONREAD, &unread) == 0
           && !unread;
}

static void sweep_exchange(struct client *client)
{
    struct exchange *exchange = client->exchange;
    exchange_leave_queue(exchange);
    if (!exchange->seen && is_overdue(client)) {
        exchange_too_slow(exchange, "the header fields did not come in time");
    } else if (exchange->seen && exchange_is_slow(exchange)) {
        exchange_too_slow(exchange, "the body comes too slowly");
    } else if (client->has_ended && !exchange->complete && is_read_to_its_end(client)) {
        exchange_give_up(exchange, RING_GONE, "client gone");
        client_doom(client);
    }
}

bool client_sweep(struct loop *loop)
{
    bool soon = false;
    for (struct client *client = loop->clients; client; client = client->next) {
        if (client->doomed)
            continue;
        if (client->exchange)
            sweep_exchange(client);
        else if (is_overdue(client))
            client_doom(client);
        soon |= client->has_ended && !client->doomed;
    }
    return soon;
}

void client_close_idle(struct loop *loop)
{
    for (struct client *client = loop->clients; client; client = client->next) {
        char next;
        bool is_idle = !client->exchange && !client->doomed
                       && recv(client->watch.fd, &next, 1, MSG_PEEK | MSG_DONTWAIT) < 0
                       && (errno == EAGAIN || errno == EWOULDBLOCK);
        /* one that is new may have a request on its way */
        bool is_new = !client->exchanges && loop->now_ms - client->since_ms < 100;
        if (is_idle && !is_new)
            client_doom(client);
    }
}

void client_cut_all(struct loop *loop)
{
    for (struct client *client = loop->clients; client; client = client->next) {
        if (client->doomed)
            continue;
        if (client->exchange)
            exchange_give_up(client->exchange, RING_STOPPED, "stopped");
        client_doom(client);
    }
}
