#include "control.h"

#include "server/auth/verifier.h"
#include "server/base/buffer.h"
#include "server/base/text.h"
#include "server/issuer_file.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_TIMEOUT_MS 10000L
#define ANSWER_MOST ((size_t)64 * 1024 * 1024)
#define LOOK_MS 100 /* between two looks while nothing comes */

/* A broken stream is asked for again so often in a row, after so long. */
#define AGAIN_MOST 10
#define AGAIN_LOOKS 10

CLEANUP_DEFINE(struct curl_slist *, curl_slist_free_all)

struct control {
    CURL *easy;
    CURLM *multi;
    const char *url;
    const char *token;
    const char *key;
    struct buffer body;
    json_t *json;
};

/* One transfer: a body that is kept, or events that are told as they come. */
struct transfer {
    struct control *control;
    const struct control_listener *listener; /* NULL: the body is kept */
    bool stopped;
    bool too_large;
    bool ended; /* the event named end has come */
    char event[32];
    char last_id[128];
    struct buffer line;
    struct buffer data;
};

static struct problem *check_url(struct arena *arena, const char *url)
{
    bool right = false;
    CURLU *parts = curl_url();
    char *scheme = NULL;
    char *query = NULL;
    if (parts && curl_url_set(parts, CURLUPART_URL, url, CURLU_DISALLOW_USER) == CURLUE_OK
        && curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK)
        right = (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0)
                && curl_url_get(parts, CURLUPART_QUERY, &query, 0) == CURLUE_NO_QUERY;
    curl_free(scheme);
    curl_free(query);
    curl_url_cleanup(parts);
    if (right)
        return NULL;
    return problem_new(arena, &PROBLEM_START,
                       "--url %s: write http://HOST:PORT or https://HOST, without a user name",
                       url);
}

static struct problem *mint(struct arena *arena, const char *data_dir, const char **out_token)
{
    struct issuer issuer;
    const char *user = getenv("USER");
    TRY(issuer_file_read(arena, data_dir, &issuer));
    const struct token_wish wish = {
        .issuer = issuer.issuer,
        .audience = issuer.audience,
        .subject = user && *user ? user : "entrepot",
        .scope = "control:read control:write",
        .lifetime_ms = INT64_C(12) * 3600 * 1000,
    };
    return token_mint(arena, data_dir, &wish, out_token);
}

/* A token goes into a header field as it is. */
static bool is_token(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 0x7f)
            return false;
    return true;
}

struct problem *control_open(struct arena *arena, const struct client_options *options,
                             struct control **out_control)
{
    const char *token = options->token;
    TRY(check_url(arena, options->url));
    if (!token && options->data_dir)
        TRY(mint(arena, options->data_dir, &token));
    if (token && !is_token(token))
        return problem_new(arena, &PROBLEM_START, "the token has bytes that no token has");
    if (options->key && (!*options->key || !is_token(options->key)))
        return problem_new(arena, &PROBLEM_START, "--key must be a word of visible ASCII");
    struct control *control = arena_new_of(arena, struct control);
    control->url = options->url;
    control->token = token;
    control->key = options->key;
    control->easy = curl_easy_init();
    control->multi = curl_multi_init();
    if (!control->easy || !control->multi)
        abort(); /* no memory at start */
    *out_control = control;
    return NULL;
}

void control_close(struct control *control)
{
    if (!control)
        return;
    curl_easy_cleanup(control->easy);
    (void)curl_multi_cleanup(control->multi); /* nothing is in it any more */
    buffer_clear(&control->body);
    json_decref(control->json);
}

const char *control_segment(struct arena *arena, const char *name)
{
    return text_percent_encode(arena, name);
}

static bool keep_body(struct transfer *transfer, const char *data, size_t size)
{
    struct buffer *body = &transfer->control->body;
    transfer->too_large = size > ANSWER_MOST - body->size;
    if (!transfer->too_large)
        buffer_add(body, data, size);
    return !transfer->too_large;
}

static void copy_field(char *out, size_t capacity, const char *value)
{
    size_t size = strlen(value);
    if (size < capacity)
        memcpy(out, value, size + 1);
}

/* An empty line: the event is whole. False: the listener has heard enough. */
static bool tell_event(struct transfer *transfer)
{
    bool more = true;
    if (transfer->data.size) {
        json_t *data = json_loadb(transfer->data.data, transfer->data.size, 0, NULL);
        transfer->ended = transfer->ended || strcmp(transfer->event, "end") == 0;
        if (data)
            more = transfer->listener->event(transfer->listener->context, transfer->event, data);
        json_decref(data);
    }
    buffer_reset(&transfer->data);
    transfer->event[0] = '\0';
    return more;
}

/* One line of the stream: `name: value`, a comment, or the end of an event. */
static bool take_line(struct transfer *transfer, const char *line)
{
    if (!*line)
        return tell_event(transfer);
    const char *value = strchr(line, ':');
    if (!value || value == line)
        return true;
    size_t size = (size_t)(value - line);
    value += value[1] == ' ' ? 2 : 1;
    if (size == 5 && strncmp(line, "event", size) == 0) {
        copy_field(transfer->event, sizeof transfer->event, value);
    } else if (size == 2 && strncmp(line, "id", size) == 0) {
        copy_field(transfer->last_id, sizeof transfer->last_id, value);
    } else if (size == 4 && strncmp(line, "data", size) == 0) {
        if (transfer->data.size + strlen(value) > ANSWER_MOST)
            return false;
        buffer_add_text(&transfer->data, value);
        buffer_add_char(&transfer->data, '\n');
    }
    return true;
}

static bool take_events(struct transfer *transfer, const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (data[i] != '\n') {
            if (transfer->line.size > ANSWER_MOST)
                return false;
            if (data[i] != '\r')
                buffer_add_char(&transfer->line, data[i]);
            continue;
        }
        bool more = take_line(transfer, buffer_text(&transfer->line));
        buffer_reset(&transfer->line);
        if (!more) {
            transfer->stopped = true;
            return false;
        }
    }
    return true;
}

static size_t receive(char *data, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    long status = 0;
    size_t bytes = size * count; /* size is 1, says libcurl */
    (void)curl_easy_getinfo(transfer->control->easy, CURLINFO_RESPONSE_CODE, &status);
    /* a refusal is a document, also where events were asked for */
    bool taken = transfer->listener && status == 200 ? take_events(transfer, data, bytes)
                                                     : keep_body(transfer, data, bytes);
    return taken ? bytes : 0;
}

static struct curl_slist *fields_of(struct arena *arena, const struct transfer *transfer,
                                    const char *method, const char *body)
{
    const struct control *control = transfer->control;
    const char *lines[5] = { NULL };
    size_t count = 0;
    struct curl_slist *fields = NULL;
    lines[count++] = transfer->listener ? "Accept: text/event-stream" : "Accept: application/json";
    if (body)
        lines[count++] = "Content-Type: application/json";
    if (control->token)
        lines[count++] = arena_print(arena, "Authorization: Bearer %s", control->token);
    if (control->key && strcmp(method, "POST") == 0)
        lines[count++] = arena_print(arena, "Idempotency-Key: %s", control->key);
    if (transfer->last_id[0])
        lines[count++] = arena_print(arena, "Last-Event-ID: %s", transfer->last_id);
    for (size_t i = 0; i < count; i++) {
        struct curl_slist *longer = curl_slist_append(fields, lines[i]);
        if (!longer)
            abort(); /* no memory */
        fields = longer;
    }
    return fields;
}

static bool prepare(struct arena *arena, struct transfer *transfer, const char *method,
                    const char *path, const char *body, struct curl_slist *fields)
{
    CURL *curl = transfer->control->easy;
    CURLcode failed = 0;
    curl_easy_reset(curl);
    failed |= curl_easy_setopt(curl, CURLOPT_URL,
                               arena_print(arena, "%s%s", transfer->control->url, path));
    failed |= curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    if (body)
        failed |= curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    else if (strcmp(method, "POST") == 0)
        failed |= curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "");
    failed |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L); /* a token goes nowhere else */
    failed |= curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    failed |= curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
    failed |= curl_easy_setopt(curl, CURLOPT_USERAGENT, "entrepot/" ENTREPOT_VERSION);
    failed |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    failed |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    return failed == CURLE_OK;
}

/* Move the bytes, looking up in between. */
static CURLcode perform(struct transfer *transfer)
{
    struct control *control = transfer->control;
    const struct control_listener *listener = transfer->listener;
    CURLcode result = CURLE_FAILED_INIT;
    int running = 1;
    if (curl_multi_add_handle(control->multi, control->easy))
        return result;
    while (running && !transfer->stopped) {
        int left;
        if (curl_multi_perform(control->multi, &running))
            break;
        for (CURLMsg *message; (message = curl_multi_info_read(control->multi, &left));)
            if (message->msg == CURLMSG_DONE)
                result = message->data.result;
        /* a signal ends the waiting early, and is looked at */
        if (running && curl_multi_poll(control->multi, NULL, 0, LOOK_MS, NULL))
            break;
        if (listener && !listener->look(listener->context))
            transfer->stopped = true;
    }
    (void)curl_multi_remove_handle(control->multi, control->easy); /* it was added */
    return result;
}

static struct problem *transfer_once(struct transfer *transfer, struct arena *arena,
                                     const char *method, const char *path, const char *body,
                                     long *out_status)
{
    struct control *control = transfer->control;
    char reason[CURL_ERROR_SIZE] = "";
    CLEANUP(curl_slist_free_all_at)
    struct curl_slist *fields = fields_of(arena, transfer, method, body);
    buffer_reset(&control->body);
    if (!prepare(arena, transfer, method, path, body, fields)
        || curl_easy_setopt(control->easy, CURLOPT_ERRORBUFFER, reason))
        return problem_new(arena, &PROBLEM_START, "%s: libcurl refuses the request", control->url);
    CURLcode code = perform(transfer);
    (void)curl_easy_setopt(control->easy, CURLOPT_ERRORBUFFER, NULL); /* it goes out of scope */
    *out_status = 0;
    (void)curl_easy_getinfo(control->easy, CURLINFO_RESPONSE_CODE, out_status);
    if (transfer->too_large)
        return problem_new(arena, &PROBLEM_START, "%s answers more than is read", control->url);
    if (code == CURLE_OK || transfer->stopped)
        return NULL;
    return problem_new(arena, &PROBLEM_START, "cannot reach %s: %s", control->url,
                       *reason ? reason : curl_easy_strerror(code));
}

/* What the server said, with its faults. */
static struct problem *refusal(struct arena *arena, const struct control *control, long status)
{
    const json_t *json = control->json;
    const char *title = json_string_value(json_object_get(json, "title"));
    const char *detail = json_string_value(json_object_get(json, "detail"));
    size_t index;
    const json_t *fault;
    if (!title && !detail)
        return problem_new(arena, &PROBLEM_START, "%s answers with status %ld; is it an entrepot?",
                           control->url, status);
    struct faults faults;
    faults_init(&faults, arena, 100);
    json_array_foreach(json_object_get(json, "faults"), index, fault)
    {
        const char *reason = json_string_value(json_object_get(fault, "reason"));
        faults_add(&faults, NULL, json_integer_value(json_object_get(fault, "line")),
                   json_string_value(json_object_get(fault, "path")), "%s",
                   reason ? reason : "is not right");
    }
    struct problem *problem = problem_new(
        arena, &PROBLEM_START, "%s%s%s%s", title ? title : "", title && detail ? ": " : "",
        detail ? detail : "",
        status == 401 ? "\ngive a token by --token-file, $ENTREPOT_TOKEN or --data-dir" : "");
    problem->faults = faults.first;
    return problem;
}

static struct problem *judge(struct control *control, struct arena *arena, long status)
{
    json_decref(control->json);
    control->json =
        control->body.size ? json_loadb(control->body.data, control->body.size, 0, NULL) : NULL;
    return status >= 200 && status < 300 ? NULL : refusal(arena, control, status);
}

struct problem *control_ask(struct control *control, struct arena *arena, const char *method,
                            const char *path, const char *body, struct control_answer *out_answer)
{
    struct transfer transfer = { .control = control };
    long status;
    TRY(transfer_once(&transfer, arena, method, path, body, &status));
    TRY(judge(control, arena, status));
    *out_answer = (struct control_answer){
        .status = status,
        .json = control->json,
        .text = buffer_text(&control->body),
    };
    return NULL;
}

/* Look for a while, before the server is asked again. False: the listener has had enough. */
static bool wait_a_moment(struct control *control, const struct control_listener *listener)
{
    for (int i = 0; i < AGAIN_LOOKS; i++) {
        (void)curl_multi_poll(control->multi, NULL, 0, LOOK_MS, NULL); /* nothing to move */
        if (!listener->look(listener->context))
            return false;
    }
    return true;
}

static struct problem *listen_on(struct transfer *transfer, struct arena *arena, const char *path)
{
    struct problem *problem = NULL;
    for (int broken = 0; broken < AGAIN_MOST; broken++) {
        char before[sizeof transfer->last_id];
        long status;
        memcpy(before, transfer->last_id, sizeof before);
        problem = transfer_once(transfer, arena, "GET", path, NULL, &status);
        if (transfer->ended || transfer->stopped)
            return NULL;
        if (!problem && status != 200 && status != 503)
            return judge(transfer->control, arena, status);
        if (strcmp(before, transfer->last_id) != 0)
            broken = 0;
        buffer_reset(&transfer->line);
        buffer_reset(&transfer->data);
        if (!wait_a_moment(transfer->control, transfer->listener))
            return NULL;
    }
    return problem ? problem
                   : problem_new(arena, &PROBLEM_START, "%s does not tell how the run goes on",
                                 transfer->control->url);
}

struct problem *control_listen(struct control *control, struct arena *arena, const char *path,
                               const struct control_listener *listener)
{
    struct transfer transfer = { .control = control, .listener = listener };
    struct problem *problem = listen_on(&transfer, arena, path);
    buffer_clear(&transfer.line);
    buffer_clear(&transfer.data);
    return problem;
}
