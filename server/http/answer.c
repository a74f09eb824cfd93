#include "digits.h"
#include "exchange.h"
#include "loop.h"

#include "server/base/clock.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The buffer of a stream to a client of HTTP/1.0; libmicrohttpd uses its own for chunks. */
#define STREAM_BYTES ((size_t)16 * 1024)

/* A reset instead of a clean end: a client of HTTP/1.0 has no other way to see that bytes miss. */
static void reset_on_close(const struct exchange *exchange)
{
    const struct linger reset = { 1, 0 };
    (void)setsockopt(exchange->client->watch.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

static ssize_t read_stream(void *context, uint64_t position, char *out, size_t capacity)
{
    (void)position; /* streams are read once, from start to end */
    struct exchange *exchange = context;
    struct ring *down = atomic_load(&exchange->down);
    if (!ring_fault(down)) {
        size_t size = ring_poll(down, out, capacity);
        if (size) {
            exchange->bytes_out += size;
            exchange->window_bytes += size;
            return (ssize_t)size;
        }
        if (ring_is_over(down))
            return MHD_CONTENT_READER_END_OF_STREAM;
    }
    if (ring_fault(down) || atomic_load(&exchange->gone)) {
        reset_on_close(exchange);
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    exchange->suspended = true;
    exchange->suspended_at_ms = exchange->loop->now_ms;
    MHD_suspend_connection(exchange->connection);
    return 0;
}

/* The body of an answer to HEAD, which libmicrohttpd does not ask for. */
static ssize_t read_nothing(void *context, uint64_t position, char *out, size_t capacity)
{
    (void)context, (void)position, (void)out, (void)capacity;
    return MHD_CONTENT_READER_END_OF_STREAM;
}

static bool add(struct MHD_Response *response, const char *name, const char *value)
{
    return MHD_add_response_header(response, name, value) == MHD_YES;
}

static char *add_text(char *out, const char *text)
{
    size_t size = strlen(text);
    memcpy(out, text, size);
    return out + size;
}

/* "total;dur=1.234, db;dur=0.456", in milliseconds */
static void print_timing(const struct exchange *exchange, char *out)
{
    out = digits_add_ms(add_text(out, "total;dur="), clock_monotonic_us() - exchange->began_us);
    if (exchange->rows_sent_us)
        out = digits_add_ms(add_text(out, ", db;dur="), exchange->db_us);
    *out = '\0';
}

/* An entity tag of ours is a few dozen bytes; a longer one would be no tag of ours. */
static const char *quote(const char *etag, char *out, size_t capacity)
{
    size_t size = strlen(etag);
    assert(size + 3 <= capacity);
    out[0] = '"';
    memcpy(out + 1, etag, size);
    memcpy(out + 1 + size, "\"", 2);
    return out;
}

/* Each header field of the answer, through `put`; false as soon as one is not taken. */
typedef bool put_field(void *context, const char *name, const char *value);

static bool put_all(const struct exchange *exchange, put_field *put, void *context)
{
    const struct reply *rp = &exchange->reply;
    bool has_body = rp->next == REPLY_STREAM || rp->body_size || rp->no_length;
    char text[256];
    bool done = true;
    if (has_body && rp->media_type)
        done = put(context, "Content-Type", rp->media_type)
               && put(context, "X-Content-Type-Options", "nosniff");
    bool varies = rp->varies;
    for (const struct reply_field *field = rp->fields; field && done; field = field->next) {
        const char *value = field->value;
        if (varies && strcmp(field->name, "Vary") == 0) {
            value = arena_join(exchange->arena, value, ", Accept-Encoding");
            varies = false;
        }
        done = put(context, field->name, value);
    }
    if (done && rp->etag)
        done = put(context, "ETag", quote(rp->etag, text, sizeof text));
    if (done && rp->coding != CODING_NONE)
        done = put(context, "Content-Encoding", coding_name(rp->coding));
    if (done && varies)
        done = put(context, "Vary", "Accept-Encoding");
    print_timing(exchange, text);
    if (done && *exchange->trace_id)
        done = put(context, "X-Request-Id", exchange->trace_id);
    return done && put(context, "Server-Timing", text);
}

static bool put_into_response(void *context, const char *name, const char *value)
{
    return add(context, name, value);
}

/* libmicrohttpd closes the descriptor it is given, and sends from it with sendfile. */
static struct MHD_Response *make_file_response(const struct reply *rp)
{
    int file = fcntl(rp->file, F_DUPFD_CLOEXEC, 0);
    struct MHD_Response *response =
        file < 0
            ? NULL
            : MHD_create_response_from_fd_at_offset64(rp->body_size, file, (uint64_t)rp->file_at);
    if (file >= 0 && !response)
        (void)close(file); /* it was only to be read */
    return response;
}

/* libmicrohttpd 0.9.75 ends even a HEAD's answer with a last chunk, which the next answer would
 * then begin with: here nothing is chunked, and the connection is closed. */
static struct MHD_Response *make_head_response(void)
{
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1, read_nothing, NULL, NULL);
    if (!response
        || MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END)
               == MHD_YES)
        return response;
    MHD_destroy_response(response);
    return NULL;
}

static struct MHD_Response *make_body_response(struct exchange *exchange)
{
    const struct reply *rp = &exchange->reply;
    if (exchange->request.method == HEAD && (rp->no_length || rp->next == REPLY_STREAM))
        return make_head_response();
    if (rp->next == REPLY_STREAM)
        return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BYTES, read_stream,
                                                 exchange, NULL);
    if (rp->has_file)
        return make_file_response(rp);
    return MHD_create_response_from_buffer(rp->body_size, (void *)(uintptr_t)rp->body,
                                           MHD_RESPMEM_PERSISTENT);
}

static struct MHD_Response *make_response(struct exchange *exchange)
{
    struct MHD_Response *response = make_body_response(exchange);
    if (!response)
        return NULL;
    bool closing = exchange->must_close || exchange->loop->quiet;
    if (put_all(exchange, put_into_response, response)
        && (!closing || add(response, "Connection", "close")))
        return response;
    MHD_destroy_response(response);
    return NULL;
}

enum MHD_Result exchange_queue(struct exchange *exchange)
{
    struct reply *rp = &exchange->reply;
    struct MHD_Response *response = make_response(exchange);
    if (!response)
        return MHD_NO;
    exchange->queued = true;
    exchange->window_at_ms = exchange->loop->now_ms;
    exchange->window_bytes = 0;
    if (rp->next != REPLY_STREAM && exchange->request.method != HEAD)
        exchange->bytes_out = rp->body_size;
    enum MHD_Result result =
        exchange->loop->http->queue_response(exchange->connection, (unsigned)rp->status, response);
    MHD_destroy_response(response);
    return result;
}

static bool put_into_buffer(void *context, const char *name, const char *value)
{
    buffer_print(context, "%s: %s\r\n", name, value);
    return true;
}

void exchange_answer_raw(struct exchange *exchange)
{
    struct reply *rp = &exchange->reply;
    assert(!rp->has_file); /* it is no short body */
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    buffer_print(&text, "HTTP/1.1 %d %s\r\nDate: %s\r\nConnection: close\r\n", rp->status,
                 MHD_get_reason_phrase_for((unsigned)rp->status),
                 clock_http_text(exchange->loop->scratch, clock_now()));
    (void)put_all(exchange, put_into_buffer, &text); /* a buffer takes them all */
    buffer_print(&text, "Content-Length: %zu\r\n\r\n", rp->body_size);
    buffer_add(&text, rp->body, rp->body_size);
    /* the body is short and nothing was sent yet: the socket takes it whole, or the client is gone
     */
    ssize_t sent =
        send(exchange->client->watch.fd, text.data, text.size, MSG_NOSIGNAL | MSG_DONTWAIT);
    exchange->raw_sent = true;
    exchange->bytes_out = sent > 0 ? rp->body_size : 0;
}
