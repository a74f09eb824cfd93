#include "issuer.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct issuer {
    struct arena *arena;
    int listener;
    int port;
    int parked; /* a connection left unanswered, or -1 */
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    const char *answer;
    int asked;
    bool closing;
};

static void send_all(int fd, const char *text)
{
    size_t size = strlen(text);
    while (size) {
        ssize_t sent = send(fd, text, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* the client had enough, as it should when the answer is too large */
        text += sent;
        size -= (size_t)sent;
    }
}

/* Reads until the empty line; a GET has no body. What is no GET (TLS) is answered at once. */
static bool read_request(int fd)
{
    char request[4096];
    size_t size = 0;
    while (size < sizeof request - 1) {
        ssize_t got = recv(fd, request + size, sizeof request - 1 - size, 0);
        if (got <= 0)
            return false;
        size += (size_t)got;
        request[size] = '\0';
        if (request[0] != 'G' || strstr(request, "\r\n\r\n"))
            return true;
    }
    return false;
}

static void *serve(void *context)
{
    struct issuer *issuer = context;
    for (;;) {
        int fd = accept(issuer->listener, NULL, NULL);
        if (fd < 0)
            return NULL;
        bool asked = read_request(fd);
        pthread_mutex_lock(&issuer->mutex);
        bool closing = issuer->closing;
        const char *answer = issuer->answer;
        issuer->asked += asked;
        pthread_cond_broadcast(&issuer->changed);
        pthread_mutex_unlock(&issuer->mutex);
        if (asked && !answer && !closing) {
            issuer->parked = fd;
            continue;
        }
        if (asked && answer)
            send_all(fd, answer);
        close(fd);
        if (closing)
            return NULL;
    }
}

struct issuer *issuer_open(struct arena *arena)
{
    struct issuer *issuer = arena_new_of(arena, struct issuer);
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    issuer->arena = arena;
    issuer->parked = -1;
    issuer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int failed = bind(issuer->listener, (struct sockaddr *)&address, sizeof address);
    failed |= listen(issuer->listener, 8);
    failed |= getsockname(issuer->listener, (struct sockaddr *)&address, &size);
    issuer->port = ntohs(address.sin_port);
    failed |= pthread_mutex_init(&issuer->mutex, NULL);
    failed |= pthread_cond_init(&issuer->changed, NULL);
    failed |= pthread_create(&issuer->thread, NULL, serve, issuer);
    assert(!failed);
    return issuer;
}

/* A connection of our own wakes the accept. */
static void knock(const struct issuer *issuer)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)issuer->port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CLEANUP(close_at) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int failed = connect(fd, (struct sockaddr *)&address, sizeof address);
    assert(!failed);
}

void issuer_close(struct issuer *issuer)
{
    pthread_mutex_lock(&issuer->mutex);
    issuer->closing = true;
    pthread_mutex_unlock(&issuer->mutex);
    knock(issuer);
    int failed = pthread_join(issuer->thread, NULL);
    assert(!failed);
    close_at(&issuer->parked);
    close_at(&issuer->listener);
}

const char *issuer_url(struct arena *arena, const struct issuer *issuer)
{
    return arena_print(arena, "http://127.0.0.1:%d/jwks", issuer->port);
}

void issuer_says(struct issuer *issuer, const char *answer)
{
    pthread_mutex_lock(&issuer->mutex);
    issuer->answer = arena_text(issuer->arena, answer);
    pthread_mutex_unlock(&issuer->mutex);
}

void issuer_publishes(struct issuer *issuer, const char *fields, const char *body)
{
    issuer_says(issuer, arena_print(issuer->arena,
                                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%s"
                                    "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                                    fields, strlen(body), body));
}

int issuer_asked(struct issuer *issuer)
{
    pthread_mutex_lock(&issuer->mutex);
    int asked = issuer->asked;
    pthread_mutex_unlock(&issuer->mutex);
    return asked;
}

void issuer_wait(struct issuer *issuer, int asked)
{
    pthread_mutex_lock(&issuer->mutex);
    while (issuer->asked < asked)
        pthread_cond_wait(&issuer->changed, &issuer->mutex);
    pthread_mutex_unlock(&issuer->mutex);
}
