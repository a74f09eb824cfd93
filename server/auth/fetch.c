#include "fetch.h"

#include "server/base/buffer.h"
#include "server/base/text.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

CLEANUP_DEFINE(CURL *, curl_easy_cleanup)
CLEANUP_DEFINE(CURLU *, curl_url_cleanup)
CLEANUP_DEFINE(struct curl_slist *, curl_slist_free_all)
CLEANUP_DEFINE(char *, curl_free)

#define CONNECT_TIMEOUT_MS 5000L
#define AGE_HIGHEST_S INT64_C(31536000) /* a year; the caller's bounds are far below */

static bool is_loopback(const char *host)
{
    struct in_addr address;
    if (inet_pton(AF_INET, host, &address) == 1)
        return ntohl(address.s_addr) >> 24 == 127;
    return strcmp(host, "[::1]") == 0 || text_equal_caseless(host, "localhost");
}

struct problem *fetch_check_url(struct arena *arena, const char *url)
{
    CLEANUP(curl_free_at) char *scheme = NULL;
    CLEANUP(curl_free_at) char *host = NULL;
    CLEANUP(curl_url_cleanup_at) CURLU *parts = curl_url();
    if (!parts || curl_url_set(parts, CURLUPART_URL, url, CURLU_DISALLOW_USER) != CURLUE_OK
        || curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK
        || curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK)
        return problem_new(arena, &PROBLEM_START,
                           "--jwks is no URL keys can be fetched from; https://HOST/PATH without a "
                           "user name is");
    if (strcmp(scheme, "https") == 0 || (strcmp(scheme, "http") == 0 && is_loopback(host)))
        return NULL;
    return problem_new(arena, &PROBLEM_START,
                       "--jwks must be an https URL; plain http is for this machine alone "
                       "(127.0.0.1, [::1], localhost), as anyone between could swap the keys");
}

/* What a running fetch collects. */
struct receipt {
    struct buffer *body;
    size_t limit;
    bool too_large;
    atomic_bool *cancel;
};

static size_t receive(char *data, size_t size, size_t count, void *context)
{
    struct receipt *receipt = context;
    size_t bytes = size * count; /* size is 1, says libcurl */
    if (bytes > receipt->limit - receipt->body->size) {
        receipt->too_large = true;
        return 0; /* ends the transfer */
    }
    buffer_add(receipt->body, data, bytes);
    return bytes;
}

static int look_up(void *context, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                   curl_off_t up)
{
    const struct receipt *receipt = context;
    (void)down_all;
    (void)down;
    (void)up_all;
    (void)up;
    return atomic_load(receipt->cancel);
}

static bool prepare(CURL *curl, const char *url, int64_t timeout_ms, struct curl_slist *fields,
                    struct receipt *receipt)
{
    bool plain = strncasecmp(url, "http:", 5) == 0;
    /* OpenSSL's own variable, which libcurl does not look at: for an issuer with a private CA */
    const char *authorities = getenv("SSL_CERT_FILE");
    CURLcode failed = 0;
    failed |= curl_easy_setopt(curl, CURLOPT_URL, url);
    failed |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
    failed |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    failed |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    failed |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    if (authorities && *authorities)
        failed |= curl_easy_setopt(curl, CURLOPT_CAINFO, authorities);
    failed |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);   /* other threads run */
    failed |= curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L); /* no wait for a resolver at stop */
    failed |= curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    failed |= curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    failed |= curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
    failed |= curl_easy_setopt(curl, CURLOPT_USERAGENT, "entrepot/" ENTREPOT_VERSION);
    failed |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    failed |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, receipt);
    failed |= curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_up);
    failed |= curl_easy_setopt(curl, CURLOPT_XFERINFODATA, receipt);
    failed |= curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    /* a proxy of the environment is for the world outside, never for this machine */
    if (plain)
        failed |= curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    return failed == CURLE_OK;
}

static int64_t seconds_of(struct arena *arena, const char *text)
{
    int64_t seconds;
    const char *digits = arena_copy(arena, text, strspn(text, "0123456789"));
    if (!text_to_int64(digits, &seconds))
        return *digits ? AGE_HIGHEST_S : 0; /* more digits than a number holds, or none */
    return seconds < AGE_HIGHEST_S ? seconds : AGE_HIGHEST_S;
}

int64_t fetch_max_age_ms(struct arena *arena, const char *field)
{
    int64_t max_age_ms = -1;
    char **words = text_split(arena, field ? field : "", " \t,");
    for (; *words; words++) {
        if (text_equal_caseless(*words, "no-store") || text_equal_caseless(*words, "no-cache"))
            return 0;
        if (strncasecmp(*words, "max-age=", 8) == 0)
            max_age_ms = seconds_of(arena, *words + 8) * 1000;
    }
    return max_age_ms;
}

static const char *answer_field(CURL *curl, const char *name)
{
    struct curl_header *field;
    return curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &field) == CURLHE_OK ? field->value
                                                                                  : NULL;
}

/* How long the answer is fresh, less what a cache between has used up of it. */
static int64_t fresh_ms(struct arena *arena, CURL *curl)
{
    int64_t max_age_ms = fetch_max_age_ms(arena, answer_field(curl, "Cache-Control"));
    const char *age = answer_field(curl, "Age");
    if (max_age_ms <= 0 || !age)
        return max_age_ms;
    int64_t age_ms = seconds_of(arena, age) * 1000;
    return age_ms < max_age_ms ? max_age_ms - age_ms : 0;
}

struct problem *fetch_get(struct arena *arena, const char *url, size_t limit, int64_t timeout_ms,
                          atomic_bool *cancel, struct fetch_answer *out_answer)
{
    CLEANUP(buffer_clear) struct buffer body = { 0 };
    struct receipt receipt = { .body = &body, .limit = limit, .cancel = cancel };
    CLEANUP(curl_slist_free_all_at)
    struct curl_slist *fields =
        curl_slist_append(NULL, "Accept: application/jwk-set+json, application/json");
    CLEANUP(curl_easy_cleanup_at) CURL *curl = curl_easy_init();
    if (!fields || !curl || !prepare(curl, url, timeout_ms, fields, &receipt))
        return problem_new(arena, &PROBLEM_STORE, "libcurl could not be set up");
    CURLcode result = curl_easy_perform(curl);
    if (receipt.too_large)
        return problem_new(arena, &PROBLEM_STORE, "the answer is larger than %zu bytes", limit);
    if (result != CURLE_OK)
        return problem_new(arena, &PROBLEM_STORE, "no answer: %s", curl_easy_strerror(result));
    long status = 0;
    if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status != 200)
        return problem_new(arena, &PROBLEM_STORE, "the answer is %ld, not 200%s", status,
                           status / 100 == 3 ? " (redirects are not followed)" : "");
    *out_answer = (struct fetch_answer){ arena_copy(arena, body.data, body.size), body.size,
                                         fresh_ms(arena, curl) };
    return NULL;
}
