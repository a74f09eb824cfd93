#include "fixture.h"

#include "server/base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

const char *server_conninfo;
struct stage_hand hand;
struct http *server;
int port;

static struct arena *server_arena;

void server_start(const char *const *options)
{
    char *arguments[32] = { "--listen=127.0.0.1:0", "--loops=2", "--workers=2" };
    int count = 3;
    for (; options && *options; options++)
        arguments[count++] = (char *)(uintptr_t)*options;
    const struct config *config;
    char **words;
    pthread_mutex_init(&hand.mutex, NULL);
    pthread_cond_init(&hand.changed, NULL);
    hand.held = true;
    if (!getenv("ENTREPOT_TEST_LOG"))
        log_set_level(LOG_ERROR);
    server_arena = arena_new(4096);
    struct problem *problem = config_read(server_arena, count, arguments, &config, &words);
    ck_assert_msg(!problem, "%s", problem ? problem->detail : "");
    const struct http_hooks hooks = { .routes = test_sets, .control_routes = test_control_sets };
    problem = http_start(server_arena, config, &hooks, server_conninfo, server_conninfo, &server);
    ck_assert_msg(!problem, "%s", problem ? problem->detail : "");
    port = http_port(server);
}

void server_stop(void)
{
    hand_release();
    http_hurry(server);
    http_stop(server);
    arena_free(server_arena);
}

void hand_release(void)
{
    pthread_mutex_lock(&hand.mutex);
    hand.held = false;
    pthread_cond_broadcast(&hand.changed);
    pthread_mutex_unlock(&hand.mutex);
}

void hand_await(const int *number, int count)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_MS / 1000;
    int failed = 0;
    pthread_mutex_lock(&hand.mutex);
    while (*number < count && !failed)
        failed = pthread_cond_timedwait(&hand.changed, &hand.mutex, &until);
    pthread_mutex_unlock(&hand.mutex);
    ck_assert_int_eq(failed, 0);
}

void metric_await(size_t (*read)(const struct http_metrics *metrics), size_t value)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct http_metrics metrics;
    for (int i = 0; i < PATIENCE_MS; i++) {
        arena_reset(arena);
        http_metrics(server, arena, &metrics);
        if (read(&metrics) == value)
            return;
        (void)poll(NULL, 0, 1);
    }
    ck_abort_msg("the metric never was %zu", value);
}

int client_open(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

void client_send_bytes(int fd, const void *data, size_t size)
{
    const char *from = data;
    while (size) {
        ssize_t sent = send(fd, from, size, MSG_NOSIGNAL);
        if (sent < 0)
            return; /* refused half-way: what was answered tells why */
        from += sent;
        size -= (size_t)sent;
    }
}

void client_send(int fd, const char *text)
{
    client_send_bytes(fd, text, strlen(text));
}

/* Read what there is; 0 at the end, also when it is a reset. */
static size_t receive(int fd, char *out, size_t capacity)
{
    struct pollfd poller = { .fd = fd, .events = POLLIN };
    ck_assert_msg(poll(&poller, 1, PATIENCE_MS) == 1, "nothing came for %d ms", PATIENCE_MS);
    ssize_t size = recv(fd, out, capacity, 0);
    return size > 0 ? (size_t)size : 0;
}

static size_t receive_line(int fd, char *out, size_t capacity)
{
    size_t size = 0;
    while (size < capacity - 1 && (size < 2 || memcmp(out + size - 2, "\r\n", 2) != 0)) {
        if (!receive(fd, out + size, 1))
            break;
        size++;
    }
    out[size] = '\0';
    return size;
}

static bool receive_body(int fd, struct answer *out, size_t size)
{
    char data[16384];
    while (size) {
        size_t part = receive(fd, data, size < sizeof data ? size : sizeof data);
        if (!part)
            return false;
        for (size_t i = 0; i < part && out->size + i < sizeof out->body - 1; i++)
            out->body[out->size + i] = data[i];
        out->size += part;
        size -= part;
    }
    return true;
}

static bool receive_chunks(int fd, struct answer *out)
{
    char line[64];
    for (;;) {
        if (!receive_line(fd, line, sizeof line))
            return false;
        size_t size = (size_t)strtoul(line, NULL, 16);
        if (!receive_body(fd, out, size))
            return false;
        if (!receive_line(fd, line, sizeof line))
            return false;
        if (!size)
            return true;
    }
}

void client_read(int fd, bool is_head, struct answer *out)
{
    char value[256];
    memset(out, 0, sizeof *out);
    do {
        size_t size = 0;
        size_t line;
        while ((line = receive_line(fd, out->head + size, sizeof out->head - size)) > 2)
            size += line;
        out->head[size] = '\0';
        out->status = size > 12 ? (int)strtol(out->head + 9, NULL, 10) : 0;
    } while (out->status == 100);
    if (is_head || out->status == 204 || out->status == 304 || !out->status) {
        out->whole = true;
        return;
    }
    const char *coding = field(out, "Transfer-Encoding", value);
    if (coding && strcmp(coding, "chunked") == 0) {
        out->whole = receive_chunks(fd, out);
        return;
    }
    const char *length = field(out, "Content-Length", value);
    if (length)
        out->whole = receive_body(fd, out, (size_t)strtoul(length, NULL, 10));
    else
        (void)receive_body(fd, out, SIZE_MAX);
}

bool client_is_closed(int fd)
{
    char byte;
    return receive(fd, &byte, 1) == 0;
}

const char *field(const struct answer *answer, const char *name, char out[256])
{
    size_t name_size = strlen(name);
    for (const char *line = strstr(answer->head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, name_size) != 0 || line[name_size] != ':') {
            line -= 2;
            continue;
        }
        line += name_size + 1 + strspn(line + name_size + 1, " ");
        size_t size = strcspn(line, "\r");
        size = size < 255 ? size : 255;
        memcpy(out, line, size);
        out[size] = '\0';
        return out;
    }
    return NULL;
}

void ask(const char *request, struct answer *out)
{
    int fd = client_open();
    client_send(fd, request);
    client_read(fd, strncmp(request, "HEAD", 4) == 0, out);
    close(fd);
}
