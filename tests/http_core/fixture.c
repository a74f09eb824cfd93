#include "fixture.h"

#include "server/base/clock.h"
#include "server/base/digest.h"
#include "server/base/log.h"
#include "server/base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

#define PATIENCE_MS 20000

struct stage_hand hand;
struct http *server;
int port;

static struct arena *server_arena;

static void hand_count(int *number)
{
    pthread_mutex_lock(&hand.mutex);
    (*number)++;
    pthread_cond_broadcast(&hand.changed);
    pthread_mutex_unlock(&hand.mutex);
}

static struct problem *hello(struct request *rq, struct reply *rp)
{
    return reply_text(rq, rp, 200, "text/plain", "hello\n", 6);
}

static struct problem *tagged(struct request *rq, struct reply *rp)
{
    static const char line[] = "the quick brown fox jumps over the lazy dog, again and again\n";
    if (reply_not_modified(rq, rp, "v1"))
        return NULL;
    size_t size = 40 * (sizeof line - 1);
    char *text = arena_alloc(rq->arena, size);
    for (size_t i = 0; i < size; i++)
        text[i] = line[i % (sizeof line - 1)];
    return reply_text(rq, rp, 200, "text/csv", text, size);
}

/* Tells what it was asked. */
static struct problem *echo(struct request *rq, struct reply *rp)
{
    size_t count;
    const struct request_option *options = request_options(rq, &count);
    json_t *all = json_object();
    for (size_t i = 0; i < count; i++)
        json_object_set_new(all, options[i].name, json_string(options[i].value));
    const char *header = request_header(rq, "X-Test");
    return reply_json(rq, rp, 200,
                      json_pack("{s:s, s:s, s:s, s:s, s:s?, s:o}", "name", request_path(rq, 0),
                                "path", request_raw_path(rq), "base", request_base_url(rq), "trace",
                                request_trace_id(rq), "header", header, "options", all));
}

static struct problem *nothing(struct request *rq, struct reply *rp)
{
    (void)rq;
    (void)rp;
    return NULL;
}

static struct problem *in_vain(struct request *rq, struct reply *rp)
{
    reply_header(rp, "Link", "</x>; rel=next");
    return problem_because(rq->arena, problem_new(rq->arena, &PROBLEM_CONFLICT, "it is not so"),
                           "secret");
}

static struct problem *big(struct request *rq, struct reply *rp)
{
    int64_t size;
    char piece[8192];
    if (!text_to_int64(request_path(rq, 0), &size))
        return problem_new(rq->arena, &PROBLEM_BAD_REQUEST, "not a number");
    for (size_t i = 0; i < sizeof piece; i++)
        piece[i] = (char)('a' + i % 26);
    TRY(reply_begin(rq, rp, 200, "text/plain"));
    while (size > 0) {
        size_t part = size < (int64_t)sizeof piece ? (size_t)size : sizeof piece;
        struct problem *problem = reply_write(rq, rp, piece, part);
        if (problem)
            hand_count(&hand.failed);
        TRY(problem);
        size -= (int64_t)part;
        atomic_fetch_add(&hand.written, (long long)part);
    }
    return NULL;
}

static struct problem *cut(struct request *rq, struct reply *rp)
{
    TRY(reply_begin(rq, rp, 200, "text/plain"));
    TRY(reply_write(rq, rp, "so far", 6));
    return problem_new(rq->arena, &PROBLEM_STORE, "the database went away");
}

static struct problem *fail_at_once(struct request *rq, struct reply *rp)
{
    TRY(reply_begin(rq, rp, 200, "text/plain"));
    return problem_new(rq->arena, &PROBLEM_STORE, "the database went away");
}

static struct problem *upload(struct request *rq, struct reply *rp)
{
    CLEANUP(digest_close_at) struct digest *digest = digest_open();
    unsigned char sum[DIGEST_BYTES];
    char data[20000];
    int64_t total = 0;
    for (size_t size = 1; size; total += (int64_t)size) {
        struct problem *problem = request_read(rq, data, sizeof data, &size);
        if (problem)
            hand_count(&hand.failed);
        TRY(problem);
        digest_add(digest, data, size);
    }
    digest_end(digest, sum);
    return reply_json(rq, rp, 201,
                      json_pack("{s:I, s:s}", "bytes", (json_int_t)total, "sha256",
                                arena_hex(rq->arena, sum, sizeof sum)));
}

/* Reads a little and refuses. */
static struct problem *picky(struct request *rq, struct reply *rp)
{
    (void)rp;
    char data[100];
    size_t size;
    TRY(request_read(rq, data, sizeof data, &size));
    return problem_new(rq->arena, &PROBLEM_CONTRACT, "row 5 is wrong");
}

static struct problem *document(struct request *rq, struct reply *rp)
{
    const char *text;
    size_t size;
    TRY(request_document(rq, &text, &size));
    return reply_text(rq, rp, 200, "text/plain", text, size);
}

static struct problem *hold(struct request *rq, struct reply *rp)
{
    pthread_mutex_lock(&hand.mutex);
    hand.holding++;
    pthread_cond_broadcast(&hand.changed);
    while (hand.held)
        pthread_cond_wait(&hand.changed, &hand.mutex);
    hand.holding--;
    pthread_mutex_unlock(&hand.mutex);
    return hello(rq, rp);
}

static struct problem *wait_for_event(struct request *rq, struct reply *rp)
{
    int event = atomic_load(&hand.event);
    if (!event && !reply_park_is_over(rq)) {
        int64_t wait_ms = PATIENCE_MS;
        const char *asked = request_option(rq, "ms");
        if (asked && !text_to_int64(asked, &wait_ms))
            return problem_new(rq->arena, &PROBLEM_BAD_QUERY, "not a number");
        TRY(reply_park(rq, rp, wait_ms));
        hand_count(&hand.parked);
        return NULL;
    }
    return reply_json(rq, rp, 200, json_pack("{s:i}", "event", event));
}

static struct problem *until_gone(struct request *rq, struct reply *rp)
{
    hand_count(&hand.holding);
    for (int i = 0; i < PATIENCE_MS && !request_is_gone(rq); i++)
        (void)poll(NULL, 0, 1);
    if (!request_is_gone(rq))
        return hello(rq, rp);
    hand_count(&hand.failed);
    return problem_new(rq->arena, &PROBLEM_TIMEOUT, "nobody is there");
}

static struct problem *by_worker(struct request *rq, struct reply *rp)
{
    return reply_by_worker(rq, rp, hello);
}

static struct problem *control(struct request *rq, struct reply *rp)
{
    return reply_text(rq, rp, 200, "text/plain", "control\n", 8);
}

static const struct route routes[] = {
    { GET, "/hello", SCOPE_PUBLIC, READ, 0, hello, "a greeting" },
    { GET, "/tagged", SCOPE_PUBLIC, READ, 0, tagged, "text with an entity tag" },
    { GET, "/echo/{name}", SCOPE_PUBLIC, READ, 0, echo, "what was asked" },
    { GET, "/nothing", SCOPE_PUBLIC, READ, 0, nothing, "a handler with a bug" },
    { GET, "/nothing/work", SCOPE_PUBLIC, WORK, 0, nothing, "another" },
    { GET, "/in-vain", SCOPE_PUBLIC, READ, 0, in_vain, "a problem" },
    { GET, "/big/{size}", SCOPE_PUBLIC, WORK, ROUTE_STREAMS, big, "a stream" },
    { GET, "/cut", SCOPE_PUBLIC, WORK, ROUTE_STREAMS, cut, "a stream that breaks" },
    { GET, "/fail", SCOPE_PUBLIC, WORK, ROUTE_STREAMS, fail_at_once, "a stream that never was" },
    { POST, "/upload", SCOPE_PUBLIC, WORK, ROUTE_DELIVERY, upload, "its SHA-256" },
    { POST, "/picky", SCOPE_PUBLIC, WORK, ROUTE_DELIVERY, picky, "refused half-way" },
    { PUT, "/document", SCOPE_PUBLIC, WORK, ROUTE_DOCUMENT, document, "sent back" },
    { GET, "/hold", SCOPE_PUBLIC, WORK, 0, hold, "waits for the test" },
    { GET, "/wait", SCOPE_PUBLIC, READ, ROUTE_MAY_PARK, wait_for_event, "waits for an event" },
    { GET, "/until-gone", SCOPE_PUBLIC, WORK, 0, until_gone, "waits for the client to go" },
    { GET, "/by-worker", SCOPE_PUBLIC, READ, 0, by_worker, "given to a worker" },
    { GET, "/secret", SCOPE_OUTPUT_READ, READ, 0, hello, "needs a token" },
    { GET, "/refused", SCOPE_REFUSED, READ, 0, hello, "names no scope" },
};
static const struct route_set set = { "test", routes, COUNT(routes) };
static const struct route_set *const sets[] = { &set, NULL };

static const struct route control_routes[] = {
    { GET, "/control", SCOPE_PUBLIC, READ, 0, control, "the control port" },
};
static const struct route_set control_set = { "control", control_routes, COUNT(control_routes) };
static const struct route_set *const control_sets[] = { &control_set, NULL };

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
    const struct http_hooks hooks = { .routes = sets, .control_routes = control_sets };
    problem = http_start(server_arena, config, &hooks, NULL, NULL, &server);
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
        out->status = size > 12 ? atoi(out->head + 9) : 0;
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
