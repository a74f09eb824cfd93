#include "issuer.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct issuer {
    struct arena *arena;
    int listener;
    int port;
    SSL_CTX *tls; /* NULL: plain */
    int parked;   /* a connection left unanswered, or -1 */
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    const char *answer;
    int asked;
    bool closing;
};

/* A connection, with TLS or without. */
struct line {
    int fd;
    SSL *tls; /* NULL: plain */
};

static ssize_t line_receive(const struct line *line, char *data, size_t size)
{
    return line->tls ? SSL_read(line->tls, data, (int)size) : recv(line->fd, data, size, 0);
}

static ssize_t line_send(const struct line *line, const char *data, size_t size)
{
    return line->tls ? SSL_write(line->tls, data, (int)size)
                     : send(line->fd, data, size, MSG_NOSIGNAL);
}

static void send_all(const struct line *line, const char *text)
{
    size_t size = strlen(text);
    while (size) {
        ssize_t sent = line_send(line, text, size);
        if (sent <= 0)
            return; /* the client had enough, as it should when the answer is too large */
        text += sent;
        size -= (size_t)sent;
    }
}

/* Reads until the empty line; a GET has no body. What is no GET (TLS) is answered at once. */
static bool read_request(const struct line *line)
{
    char request[4096];
    size_t size = 0;
    while (size < sizeof request - 1) {
        ssize_t got = line_receive(line, request + size, sizeof request - 1 - size);
        if (got <= 0)
            return false;
        size += (size_t)got;
        request[size] = '\0';
        if (request[0] != 'G' || strstr(request, "\r\n\r\n"))
            return true;
    }
    return false;
}

static bool line_open(const struct issuer *issuer, struct line *line)
{
    if (!issuer->tls)
        return true;
    line->tls = SSL_new(issuer->tls);
    return SSL_set_fd(line->tls, line->fd) == 1 && SSL_accept(line->tls) == 1;
}

static void line_close(const struct line *line)
{
    SSL_free(line->tls);
    close(line->fd);
}

static void *serve(void *context)
{
    struct issuer *issuer = context;
    for (;;) {
        struct line line = { accept(issuer->listener, NULL, NULL), NULL };
        if (line.fd < 0)
            return NULL;
        bool asked = line_open(issuer, &line) && read_request(&line);
        pthread_mutex_lock(&issuer->mutex);
        bool closing = issuer->closing;
        const char *answer = issuer->answer;
        issuer->asked += asked;
        pthread_cond_broadcast(&issuer->changed);
        pthread_mutex_unlock(&issuer->mutex);
        if (asked && !answer && !closing) {
            issuer->parked = line.fd;
            continue;
        }
        if (asked && answer)
            send_all(&line, answer);
        line_close(&line);
        if (closing)
            return NULL;
    }
}

static struct issuer *open_with(struct arena *arena, SSL_CTX *tls)
{
    struct issuer *issuer = arena_new_of(arena, struct issuer);
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    issuer->arena = arena;
    issuer->tls = tls;
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

struct issuer *issuer_open(struct arena *arena)
{
    return open_with(arena, NULL);
}

struct issuer *issuer_open_tls(struct arena *arena, EVP_PKEY *key, const char *certificate)
{
    (void)signal(SIGPIPE, SIG_IGN); /* a client that refuses us hangs up while we write */
    BIO *pem = BIO_new_mem_buf(certificate, -1);
    X509 *read = PEM_read_bio_X509(pem, NULL, NULL, NULL);
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    int ok = SSL_CTX_use_certificate(tls, read) == 1 && SSL_CTX_use_PrivateKey(tls, key) == 1;
    assert(ok);
    X509_free(read);
    BIO_free(pem);
    return open_with(arena, tls);
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
    SSL_CTX_free(issuer->tls);
}

const char *issuer_url(struct arena *arena, const struct issuer *issuer)
{
    return arena_print(arena, "%s:%d/jwks", issuer->tls ? "https://localhost" : "http://127.0.0.1",
                       issuer->port);
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
