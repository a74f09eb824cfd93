#include "listen.h"

#include "server/base/text.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#define BACKLOG 1024

static void free_addresses(struct addrinfo **list)
{
    if (*list)
        freeaddrinfo(*list);
}

static struct problem *failed(struct arena *arena, const char *address, const char *what)
{
    int error = errno;
    if (error == EADDRINUSE)
        return problem_new(arena, &PROBLEM_START,
                           "the address %s is in use: another server listens there", address);
    return problem_new(arena, &PROBLEM_START, "cannot %s on %s: %s", what, address,
                       strerror(error));
}

/* Parts "host:port"; the host is NULL for every address. */
static struct problem *part(struct arena *arena, const char *address, const char **out_host,
                            const char **out_port)
{
    const char *colon = strrchr(address, ':');
    int64_t port;
    if (!colon || !text_to_int64(colon + 1, &port) || port < 0 || port > 65535)
        return problem_new(arena, &PROBLEM_START,
                           "%s is not an address and port such as 127.0.0.1:8080", address);
    size_t size = (size_t)(colon - address);
    bool bracketed = size > 2 && address[0] == '[' && address[size - 1] == ']';
    if (bracketed)
        *out_host = arena_copy(arena, address + 1, size - 2);
    else if (memchr(address, ':', size))
        return problem_new(arena, &PROBLEM_START,
                           "an IPv6 address stands in brackets, such as [::1]:8080; this is %s",
                           address);
    else
        *out_host = size ? arena_copy(arena, address, size) : NULL;
    *out_port = colon + 1;
    return NULL;
}

static struct problem *open_socket(struct arena *arena, const char *address,
                                   const struct addrinfo *info, bool shared, int *out_socket)
{
    const int on = 1;
    CLEANUP(close_at)
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return failed(arena, address, "make a socket");
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0
        || (shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0))
        return failed(arena, address, "set up a socket");
    if (bind(fd, info->ai_addr, info->ai_addrlen) != 0)
        return failed(arena, address, "listen");
    *out_socket = fd;
    fd = -1;
    return NULL;
}

static struct problem *bound_port(struct arena *arena, const char *address, int fd, int *out_port)
{
    struct sockaddr_storage name = { 0 };
    socklen_t size = sizeof name;
    if (getsockname(fd, (struct sockaddr *)&name, &size) != 0)
        return failed(arena, address, "ask for the port");
    if (name.ss_family == AF_INET6)
        *out_port = ntohs(((const struct sockaddr_in6 *)&name)->sin6_port);
    else
        *out_port = ntohs(((const struct sockaddr_in *)&name)->sin_port);
    return NULL;
}

static void set_port(struct addrinfo *info, int port)
{
    if (info->ai_family == AF_INET6)
        ((struct sockaddr_in6 *)info->ai_addr)->sin6_port = htons((uint16_t)port);
    else
        ((struct sockaddr_in *)info->ai_addr)->sin_port = htons((uint16_t)port);
}

static struct problem *listen_all(struct arena *arena, const char *address, struct addrinfo *info,
                                  size_t count, int *sockets, int *out_port)
{
    /* A socket that shares its port would join another server of this user without a word; one that
     * does not share is told that the port is in use. */
    int alone;
    TRY(open_socket(arena, address, info, false, &alone));
    struct problem *problem = bound_port(arena, address, alone, out_port);
    close_at(&alone);
    TRY(problem);
    set_port(info, *out_port);
    for (size_t i = 0; i < count; i++) {
        TRY(open_socket(arena, address, info, true, &sockets[i]));
        if (listen(sockets[i], BACKLOG) != 0)
            return failed(arena, address, "listen");
    }
    return NULL;
}

struct problem *listen_on(struct arena *arena, const char *address, size_t count, int *out_sockets,
                          int *out_port)
{
    const char *host = NULL;
    const char *port = NULL;
    TRY(part(arena, address, &host, &port));
    const struct addrinfo hints = { .ai_family = AF_UNSPEC,
                                    .ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    CLEANUP(free_addresses) struct addrinfo *list = NULL;
    int error = getaddrinfo(host, port, &hints, &list);
    if (error)
        return problem_new(arena, &PROBLEM_START, "cannot listen on %s: %s", address,
                           gai_strerror(error));
    struct problem *first = NULL;
    for (struct addrinfo *info = list; info; info = info->ai_next) {
        int *sockets = arena_array_of(arena, int, count);
        for (size_t i = 0; i < count; i++)
            sockets[i] = -1;
        struct problem *problem = listen_all(arena, address, info, count, sockets, out_port);
        if (!problem) {
            memcpy(out_sockets, sockets, count * sizeof *sockets);
            return NULL;
        }
        for (size_t i = 0; i < count; i++)
            close_at(&sockets[i]);
        if (!first)
            first = problem;
    }
    return first;
}
