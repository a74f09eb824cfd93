/*
 * What libmicrohttpd accepts and we refuse: the framing of a request that two servers could read in
 * two ways, and anything in its head that is no HTTP.
 */
#include "exchange.h"

#include "server/base/text.h"

#include <ctype.h>
#include <string.h>

/* What the fields say about themselves while they are copied. */
struct count {
    int host;
    int content_length;
    int transfer_encoding;
    int authorization;
    const char *transfer_coding;
    const char *expect;
    const char *end; /* behind the line of the last one */
    bool bad_name;
    bool bad_value;
    bool bad_line;
};

struct copying {
    struct exchange *exchange;
    struct count count;
    size_t capacity;
    bool in_place;
};

static bool is_token(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
        if (!plain && (!c || !strchr("!#$%&'*+.^_`|~0123456789", c)))
            return false;
    }
    return size > 0;
}

static bool is_value(const char *text, size_t size)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t highs = ones * 0x80;
    size_t i = 0;
    while (i < size) {
        uint64_t eight;
        if (size - i >= sizeof eight) {
            memcpy(&eight, text + i, sizeof eight);
            uint64_t deletes = eight ^ ones * 0x7f;
            /* a byte below 0x20, or 0x7f: its highest bit is set here, maybe with that of a
             * neighbour */
            uint64_t found = ((eight - ones * ' ') & ~eight) | ((deletes - ones) & ~deletes);
            if (!(found & highs)) {
                i += sizeof eight;
                continue;
            }
        }
        unsigned char c = (unsigned char)text[i++];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

/*
 * libmicrohttpd 0.9.75 parses in place: each colon and line end became NUL. So a line that was
 * folded (its name was copied elsewhere) and one that ended without CR (what follows is no second
 * NUL) still show. The last line is judged by its distance from the end of the head.
 */
static bool is_whole_line(const char *name, size_t name_size, const char *value, size_t value_size)
{
    if (value <= name || (size_t)(value - name) <= name_size)
        return false;
    for (const char *at = name + name_size + 1; at < value; at++)
        if (*at != ' ' && *at != '\t')
            return false;
    return !value[value_size] && !value[value_size + 1];
}

static bool is_named(const struct field *field, size_t size, const char *name, size_t name_size)
{
    return size == name_size && text_equal_caseless(field->name, name);
}
#define IS_NAMED(field, size, name) is_named((field), (size), (name), sizeof(name) - 1)

static void note_field(struct copying *copying, const struct field *field, size_t size)
{
    struct count *count = &copying->count;
    struct exchange *exchange = copying->exchange;
    if (IS_NAMED(field, size, "Host")) {
        count->host++;
        exchange->host = field->value;
    } else if (IS_NAMED(field, size, "Content-Length")) {
        count->content_length++;
        if (!text_to_int64(field->value, &exchange->content_length))
            count->bad_value = true;
    } else if (IS_NAMED(field, size, "Transfer-Encoding")) {
        count->transfer_encoding++;
        count->transfer_coding = field->value;
    } else if (IS_NAMED(field, size, "Authorization")) {
        count->authorization++;
    } else if (IS_NAMED(field, size, "Expect")) {
        count->expect = field->value;
    }
}

static enum MHD_Result copy_field(void *context, enum MHD_ValueKind kind, const char *name,
                                  size_t name_size, const char *value, size_t value_size)
{
    (void)kind;
    struct copying *copying = context;
    struct count *count = &copying->count;
    struct exchange *exchange = copying->exchange;
    if (!value)
        value_size = 0;
    if (exchange->field_count == copying->capacity)
        return MHD_NO;
    if (!is_token(name, name_size))
        count->bad_name = true;
    if (!is_value(value, value_size))
        count->bad_value = true;
    if (copying->in_place && (!value || !is_whole_line(name, name_size, value, value_size)))
        count->bad_line = true;
    else if (value && value + value_size > count->end)
        count->end = value + value_size;
    while (value_size && (value[value_size - 1] == ' ' || value[value_size - 1] == '\t'))
        value_size--;
    struct field *field = &exchange->fields[exchange->field_count++];
    field->name = arena_copy(exchange->arena, name, name_size);
    field->value = arena_copy(exchange->arena, value, value_size);
    note_field(copying, field, name_size);
    return MHD_YES;
}

static struct problem *bad(struct exchange *exchange, const char *detail)
{
    exchange->must_close = true;
    return problem_new(exchange->arena, &PROBLEM_BAD_REQUEST, "%s", detail);
}

static bool is_host(const char *host)
{
    for (const char *at = host; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("-._~:[]%!$&'()*+,;=", *at))
            return false;
    return *host != '\0';
}

static struct problem *check_framing(struct exchange *exchange, const struct count *count,
                                     bool is_http_1_0)
{
    if (count->bad_name)
        return bad(exchange, "a header field has a name with spaces or other wrong characters; "
                             "no space may stand before the colon");
    if (count->bad_value)
        return bad(exchange, "a header field has control characters or a wrong length in it");
    if (count->bad_line)
        return bad(exchange, "a line of the header is folded, has a NUL in it, or does not end "
                             "with CR LF");
    if (count->content_length > 1)
        return bad(exchange, "there is more than one Content-Length");
    if (count->content_length && count->transfer_encoding)
        return bad(exchange, "there are both Content-Length and Transfer-Encoding");
    if (count->transfer_encoding > 1 || (count->transfer_encoding && is_http_1_0))
        return bad(exchange, "Transfer-Encoding is not understood like this");
    if (count->transfer_encoding && !text_equal_caseless(count->transfer_coding, "chunked")) {
        exchange->must_close = true;
        return problem_new(exchange->arena, &PROBLEM_NOT_IMPLEMENTED,
                           "the only Transfer-Encoding understood is chunked");
    }
    exchange->chunked = count->transfer_encoding > 0;
    exchange->expects_continue = count->expect && !is_http_1_0;
    return NULL;
}

static struct problem *check_host(struct exchange *exchange, const struct count *count,
                                  bool is_http_1_0)
{
    if (count->host > 1)
        return bad(exchange, "there is more than one Host");
    if (!count->host && !is_http_1_0)
        return bad(exchange, "the field Host is missing");
    if (exchange->host && !is_host(exchange->host))
        return bad(exchange, "the field Host is not a host name and port");
    return NULL;
}

static struct problem *check_fields(struct exchange *exchange, const char *method,
                                    const char *version)
{
    const union MHD_ConnectionInfo *head =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    int number = MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, NULL, NULL);
    struct copying copying = { .exchange = exchange, .capacity = number > 0 ? (size_t)number : 0 };
    copying.in_place = exchange->loop->http->parses_in_place;
    exchange->fields = arena_array_of(exchange->arena, struct field, copying.capacity + 1);
    (void)MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, copy_field, &copying);
    struct count *count = &copying.count;
    size_t head_size = head ? head->header_size : 0;
    if (copying.in_place) {
        const char *last = count->end ? count->end : version + strlen(version);
        if (version[strlen(version) + 1] || (!count->bad_line && method + head_size != last + 4))
            count->bad_line = true;
    }
    bool is_http_1_0 = strcmp(version, "HTTP/1.0") == 0;
    TRY(check_framing(exchange, count, is_http_1_0));
    if (head_size > exchange->loop->http->limits.header_bytes) {
        exchange->must_close = true;
        return problem_new(
            exchange->arena, &PROBLEM_HEADERS_TOO_LARGE,
            "the request line and header fields have %zu bytes; at most %zu are read: send "
            "less of them",
            head_size, exchange->loop->http->limits.header_bytes);
    }
    TRY(check_host(exchange, count, is_http_1_0));
    if (count->authorization > 1)
        return problem_new(exchange->arena, &PROBLEM_BAD_REQUEST,
                           "there is more than one Authorization");
    return NULL;
}

/* "http://host/path" becomes its path, and its host the one that counts (RFC 9112 §3.2.2). */
static struct problem *check_absolute(struct exchange *exchange)
{
    const char *target = exchange->target;
    if (strncasecmp(target, "http://", 7) != 0 && strncasecmp(target, "https://", 8) != 0)
        return bad(exchange, "the request target is neither a path nor an http URI");
    const char *host = strstr(target, "://") + 3;
    size_t size = strcspn(host, "/?");
    exchange->host = arena_copy(exchange->arena, host, size);
    if (!is_host(exchange->host))
        return bad(exchange, "the request target has no host");
    exchange->path =
        host[size] == '/' ? host + size : arena_print(exchange->arena, "/%s", host + size);
    return NULL;
}

static struct problem *check_target(struct exchange *exchange, const char *method, const char *url,
                                    const char *version)
{
    size_t size = strlen(exchange->target);
    if (size > exchange->loop->http->limits.uri_bytes)
        return problem_new(
            exchange->arena, &PROBLEM_URI_TOO_LONG,
            "the request target has %zu bytes; at most %zu are read: ask for less in "
            "one request",
            size, exchange->loop->http->limits.uri_bytes);
    if (exchange->loop->http->parses_in_place
        && (version - url != (ptrdiff_t)size + 1 || url - method != (ptrdiff_t)strlen(method) + 1))
        return bad(exchange, "the request line has a NUL or more than two spaces in it");
    for (const char *at = exchange->target; *at; at++)
        if ((unsigned char)*at <= ' ' || *at == 0x7f)
            return bad(exchange, "the request target has spaces or control characters in it; "
                                 "write them percent-encoded");
    exchange->path = exchange->target;
    if (strcmp(exchange->target, "*") == 0 && strcmp(method, "OPTIONS") == 0)
        return NULL;
    if (exchange->target[0] != '/')
        TRY(check_absolute(exchange));
    const char *mark = strpbrk(exchange->path, "?#");
    if (mark && *mark == '#')
        return bad(exchange, "the request target has a fragment, which is for the client alone");
    if (mark) {
        exchange->query = mark + 1;
        exchange->path =
            arena_copy(exchange->arena, exchange->path, (size_t)(mark - exchange->path));
    }
    return NULL;
}

struct problem *hygiene_check(struct exchange *exchange, const char *method, const char *url,
                              const char *version)
{
    exchange->method_text = arena_text(exchange->arena, method);
    TRY(check_fields(exchange, method, version));
    if (!is_token(method, strlen(method)))
        return bad(exchange, "the method has wrong characters in it");
    return check_target(exchange, method, url, version);
}
