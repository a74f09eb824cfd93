#include "http.h"

#include "listen.h"
#include "loop.h"

#include "server/base/log.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void read_limits(const struct config *config, struct limits *out)
{
    *out = (struct limits){
        .connections = (size_t)config_number(config, CONFIG_MAX_CONNECTIONS),
        .connections_per_ip = (size_t)config_number(config, CONFIG_MAX_CONNECTIONS_PER_IP),
        .parked = (size_t)config_number(config, CONFIG_MAX_PARKED),
        .header_bytes = (size_t)config_number(config, CONFIG_MAX_HEADER),
        .uri_bytes = (size_t)config_number(config, CONFIG_MAX_URI),
        .body_bytes = (uint64_t)config_number(config, CONFIG_MAX_BODY),
        .document_bytes = (uint64_t)config_number(config, CONFIG_MAX_DOCUMENT),
        .idle_ms = config_number(config, CONFIG_IDLE_TIMEOUT),
        .request_ms = config_number(config, CONFIG_REQUEST_TIMEOUT),
        .drain_ms = config_number(config, CONFIG_DRAIN_TIMEOUT),
        .read_ms = config_number(config, CONFIG_READ_TIMEOUT),
        .queue_ms = config_number(config, CONFIG_QUEUE_TIMEOUT),
        .least_rate = config_number(config, CONFIG_MIN_RATE),
    };
}

static const char *without_slash(struct arena *arena, const char *url)
{
    if (!url)
        return NULL;
    size_t size = strlen(url);
    while (size && url[size - 1] == '/')
        size--;
    return arena_copy(arena, url, size);
}

static size_t count_loops(const struct config *config)
{
    int64_t asked = config_number(config, CONFIG_LOOPS);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return asked ? (size_t)asked : cores > 0 ? (size_t)cores : 1;
}

/* A route that cannot work is a bug of the port that has it. */
static void check_routes(const struct route_set *const *sets)
{
    for (; sets && *sets; sets++) {
        for (size_t i = 0; i < (*sets)->count; i++) {
            const struct route *route = &(*sets)->list[i];
            assert(route->method != METHOD_NONE && route->path && route->path[0] == '/');
            assert(route->lane == WORK || route->lane == READ);
            assert(route->lane == WORK || !(route->flags & (ROUTE_DOCUMENT | ROUTE_DELIVERY)));
            assert(route->handle);
        }
    }
}

static void loop_init(struct loop *loop, struct http *http, struct arena *arena)
{
    loop->http = http;
    loop->inbox_end = &loop->inbox;
    loop->counters = arena_array_of(arena, struct route_counters, http->index.count);
    loop->wake = (struct watch){ WATCH_WAKE, eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC) };
    if (loop->wake.fd < 0 || pthread_mutex_init(&loop->inbox_mutex, NULL) != 0)
        abort();
}

static void loop_clear(struct loop *loop)
{
    (void)pthread_mutex_destroy(&loop->inbox_mutex);
    close_at(&loop->wake.fd);
}

static void add_listener(struct loop *loop, const struct route_set *const *routes, int fd)
{
    assert(loop->listener_count < LOOP_LISTENERS);
    loop->listeners[loop->listener_count++] =
        (struct listener){ .loop = loop, .routes = routes, .socket = fd };
}

/* All routes answer on one listener, unless the control port has its own. */
static const struct route_set *const *join_routes(struct arena *arena,
                                                  const struct route_set *const *routes,
                                                  const struct route_set *const *more)
{
    size_t count = 1;
    for (size_t i = 0; routes[i]; i++)
        count++;
    for (size_t i = 0; more && more[i]; i++)
        count++;
    const struct route_set **joined = arena_array_of(arena, const struct route_set *, count);
    size_t used = 0;
    for (size_t i = 0; routes[i]; i++)
        joined[used++] = routes[i];
    for (size_t i = 0; more && more[i]; i++)
        joined[used++] = more[i];
    return joined;
}

static struct problem *open_listeners(struct http *http, struct arena *arena,
                                      const struct config *config)
{
    const char *address = config_text(config, CONFIG_LISTEN);
    const char *control = config_text(config, CONFIG_CONTROL_LISTEN);
    const struct http_hooks *hooks = &http->hooks;
    int *sockets = arena_array_of(arena, int, http->loop_count);
    int control_socket = -1;
    if (control)
        TRY(listen_on(arena, control, 1, &control_socket, &http->control_port));
    struct problem *problem = listen_on(arena, address, http->loop_count, sockets, &http->port);
    if (problem) {
        close_at(&control_socket);
        return problem;
    }
    const struct route_set *const *routes =
        control ? hooks->routes : join_routes(arena, hooks->routes, hooks->control_routes);
    for (size_t i = 0; i < http->loop_count; i++)
        add_listener(&http->loops[i], routes, sockets[i]);
    if (control) {
        assert(hooks->control_routes);
        add_listener(&http->loops[0], hooks->control_routes, control_socket);
    }
    return NULL;
}

static void open_workers(struct http *http, const struct config *config, const char *conninfo)
{
    const struct workers_options workers = {
        .count = (size_t)config_number(config, CONFIG_WORKERS),
        .queue_limit = (size_t)config_number(config, CONFIG_WORKER_QUEUE),
        .conninfo = conninfo,
        .name = "entrepot worker",
        .statement_ms = config_number(config, CONFIG_HEAVY_TIMEOUT),
        .busy = "all workers are busy, and too many requests wait for one or this one waited too "
                "long; try again later",
        .retry_after_s = 2,
    };
    struct workers_options streams = workers;
    streams.count = (size_t)config_number(config, CONFIG_STREAMS);
    streams.queue_limit = (size_t)config_number(config, CONFIG_STREAM_QUEUE);
    streams.name = "entrepot stream";
    streams.busy = "as many long answers as there may be are under way, and too many requests wait "
                   "for one to end or this one waited too long; try again later, or ask for less";
    streams.retry_after_s = 5;
    http->workers = workers_open(&workers);
    http->streams = workers_open(&streams);
}

static void start_threads(struct http *http, const struct config *config,
                          const char *worker_conninfo)
{
    /* signals are main's: no thread of ours may be interrupted by one */
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    int failed = pthread_sigmask(SIG_SETMASK, &all, &before);
    assert(!failed);
    open_workers(http, config, worker_conninfo);
    for (size_t i = 0; i < http->loop_count; i++)
        if (pthread_create(&http->loops[i].thread, NULL, loop_run, &http->loops[i]) != 0)
            abort();
    failed = pthread_sigmask(SIG_SETMASK, &before, NULL);
    assert(!failed);
}

struct problem *http_start(struct arena *arena, const struct config *config,
                           const struct http_hooks *hooks, const char *conninfo,
                           const char *worker_conninfo, struct http **out_http)
{
    struct http *http = arena_new_of(arena, struct http);
    http->hooks = *hooks;
    check_routes(hooks->routes);
    check_routes(hooks->control_routes);
    read_limits(config, &http->limits);
    http->public_url = without_slash(arena, config_text(config, CONFIG_PUBLIC_URL));
    http->conninfo = conninfo;
    http->lane_connections = (int)config_number(config, CONFIG_READ_CONNECTIONS);
    http->queue_response = refusal_library_queue();
    http->parses_in_place = strcmp(MHD_get_version(), "0.9.75") == 0;
    route_index_init(&http->index, arena, hooks->routes, hooks->control_routes);
    http->loop_count = count_loops(config);
    http->loops = arena_array_of(arena, struct loop, http->loop_count);
    for (size_t i = 0; i < http->loop_count; i++)
        loop_init(&http->loops[i], http, arena);
    struct problem *problem = open_listeners(http, arena, config);
    if (problem) {
        for (size_t i = 0; i < http->loop_count; i++)
            loop_clear(&http->loops[i]);
        return problem;
    }
    start_threads(http, config, worker_conninfo);
    *out_http = http;
    return NULL;
}

int http_port(const struct http *http)
{
    return http->port;
}

int http_control_port(const struct http *http)
{
    return http->control_port;
}

void http_signal(struct http *http)
{
    for (size_t i = 0; i < http->loop_count; i++)
        if (!atomic_exchange(&http->loops[i].signalled, true))
            loop_wake(&http->loops[i]);
}

static void set_stage(struct http *http, enum stage stage)
{
    atomic_store(&http->stage, stage);
    for (size_t i = 0; i < http->loop_count; i++)
        loop_wake(&http->loops[i]);
}

void http_hurry(struct http *http)
{
    set_stage(http, STAGE_CUTTING);
}

void http_stop(struct http *http)
{
    int serving = STAGE_SERVING;
    if (atomic_compare_exchange_strong(&http->stage, &serving, STAGE_DRAINING))
        set_stage(http, STAGE_DRAINING);
    for (size_t i = 0; i < http->loop_count; i++) {
        int failed = pthread_join(http->loops[i].thread, NULL);
        assert(!failed);
    }
    workers_close(http->workers);
    workers_close(http->streams);
    /* The loops' eventfds and mutexes stay until the process ends: http_signal may come late. */
}
