#include "serve.h"

#include "authority.h"
#include "server.h"
#include "server/auth/verifier.h"
#include "server/base/clock.h"
#include "server/base/digest.h"
#include "server/base/log.h"
#include "server/db/cluster.h"
#include "server/db/migrate.h"
#include "server/db/roles.h"
#include "server/http/http.h"
#include "server/issuer_file.h"
#include "server/operate/apply.h"
#include "server/operate/runner.h"
#include "server/operate/scheduler.h"
#include "server/operate/steward.h"
#include "server/query/counts.h"
#include "server/rows/snapshot_file.h"
#include "sql.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define POSTGRES_AT_LEAST 15

/* Everything that is running; taken down by serving_stop whatever of it is there. */
struct serving {
    struct arena *arena;
    const struct config *config;
    const char *data_dir;
    struct folder folder;
    struct cluster *cluster;
    struct roles roles;
    struct db *owner;
    struct server server;
    struct scheduler *scheduler;
    struct steward *steward;
    bool hurried;
};

const char *serve_data_dir(struct arena *arena, const struct config *config,
                           const char *folder_path)
{
    const char *given = config_text(config, CONFIG_DATA_DIR);
    return given ? given : arena_print(arena, "%s/.entrepot", folder_path);
}

const char *serve_audience(struct arena *arena, const struct config *config, const char *product_id)
{
    const char *given = config_text(config, CONFIG_AUDIENCE);
    return given ? given : arena_print(arena, "urn:entrepot:%s", product_id);
}

static struct problem *read_folder(struct serving *serving, const char *path)
{
    struct faults warnings;
    faults_init(&warnings, serving->arena, 100);
    struct problem *problem =
        folder_read(serving->arena, path, &folder_limits_usual, &warnings, &serving->folder);
    for (const struct problem_fault *fault = warnings.first; fault; fault = fault->next)
        log_message(LOG_WARNING, "folder", "%s: %s", fault->file ? fault->file : path,
                    fault->reason);
    return problem;
}

/* Keys are kept here also when the data is in another Postgres; a private cluster makes its own. */
static struct problem *make_data_dir(struct serving *serving)
{
    if (mkdir(serving->data_dir, 0700) == 0 || errno == EEXIST)
        return NULL;
    return problem_because(serving->arena,
                           problem_new(serving->arena, &PROBLEM_START,
                                       "cannot make the data directory %s", serving->data_dir),
                           "%s", strerror(errno));
}

/* The administrator's connection: of the private cluster, which is started, or the one given. */
static struct problem *reach_database(struct serving *serving, const char **out_conninfo)
{
    const char *given = config_text(serving->config, CONFIG_DATABASE);
    if (given) {
        *out_conninfo = given;
        return make_data_dir(serving);
    }
    TRY(cluster_start(serving->arena, serving->data_dir,
                      config_text(serving->config, CONFIG_POSTGRES_BIN), POSTGRES_AT_LEAST,
                      &serving->cluster));
    *out_conninfo = cluster_admin_conninfo(serving->cluster, serving->arena);
    return NULL;
}

static struct problem *prepare_database(struct serving *serving)
{
    struct arena *arena = serving->arena;
    const char *admin;
    int applied;
    TRY(reach_database(serving, &admin));
    TRY(roles_bootstrap(arena, admin, serving->data_dir, &serving->roles));
    serving->owner = db_open(serving->roles.owner_conninfo, "entrepot start");
    TRY(migrate(serving->owner, arena, &applied));
    if (applied)
        log_message(LOG_INFO, "migrated", "%d migrations were run", applied);
    return roles_grant_schemas(serving->owner, arena);
}

static struct problem *apply(struct serving *serving)
{
    struct apply_plan plan;
    TRY(apply_folder(serving->owner, serving->arena, &serving->folder,
                     serving->roles.pipeline_conninfo, &plan));
    for (size_t i = 0; i < plan.count; i++)
        (void)printf("%s\n", plan.lines[i]); /* a plan nobody reads must not stop the start */
    (void)printf(plan.count ? "applied: %zu changes\n" : "applied: nothing has changed\n",
                 plan.count);
    (void)fflush(stdout);
    return NULL;
}

static struct problem *open_keys(struct serving *serving)
{
    struct arena *arena = serving->arena;
    const struct config *config = serving->config;
    struct server *server = &serving->server;
    const char *jwks = config_text(config, CONFIG_JWKS);
    if (!jwks)
        TRY(token_key_ensure(arena, serving->data_dir, &jwks));
    server->issuer = config_text(config, CONFIG_ISSUER);
    server->audience = serve_audience(arena, config, serving->folder.product.id);
    const struct verifier_options options = {
        .jwks = jwks,
        .issuer = server->issuer,
        .audience = server->audience,
        .algorithms = config_text(config, CONFIG_ALGORITHMS),
        .only_access_tokens = strcmp(config_text(config, CONFIG_TOKEN_TYPE), "at+jwt") == 0,
        .jwks_ttl_ms = config_number(config, CONFIG_JWKS_TTL),
        .leeway_ms = config_number(config, CONFIG_CLOCK_LEEWAY),
        .lifetime_ms = config_number(config, CONFIG_TOKEN_LIFETIME),
    };
    const struct issuer issuer = { server->issuer, server->audience };
    TRY(issuer_file_write(arena, serving->data_dir, &issuer));
    TRY(verifier_open(arena, &options, &server->verifier));
    struct db_bytes key;
    const struct db_param in[] = { db_text("skiptoken") };
    const struct db_column out[] = { db_to_bytes(&key) };
    TRY(db_one(serving->owner, arena, &sql_secret_get, in, COUNT(in), out, COUNT(out)));
    server->token_key = key.data;
    server->token_key_size = key.size;
    return NULL;
}

/* Told by the runner and the steward: requests that wait look again. */
static void tell_requests(void *context)
{
    struct server *server = context;
    struct http *http = atomic_load(&server->http);
    if (http)
        http_signal(http);
}

/* Told by the steward: runs and deliveries of other processes too. */
static void tell_all(void *context)
{
    struct serving *serving = context;
    runner_wake(serving->server.runner);
    scheduler_wake(serving->scheduler);
    tell_requests(&serving->server);
}

static struct problem *start_threads(struct serving *serving)
{
    struct server *server = &serving->server;
    bool changed;
    TRY(catalogue_refresh(server->catalogue, serving->owner, serving->arena, &changed));
    const struct runner_options runner = {
        .owner_conninfo = serving->roles.owner_conninfo,
        .pipeline_conninfo = serving->roles.pipeline_conninfo,
        .instance = server->instance,
        .config = serving->config,
        .catalogue = server->catalogue,
        .changed = tell_requests,
        .context = server,
    };
    const struct steward_options steward = {
        .owner_conninfo = serving->roles.owner_conninfo,
        .instance = server->instance,
        .alone = serving->cluster != NULL,
        .config = serving->config,
        .catalogue = server->catalogue,
        .files = server->files,
        .changed = tell_all,
        .context = serving,
    };
    const struct scheduler_options scheduler = {
        .owner_conninfo = serving->roles.owner_conninfo,
        .missed_most = (size_t)config_number(serving->config, CONFIG_MISSED_RUNS),
    };
    server->pipeline_conninfo = serving->roles.pipeline_conninfo;
    server->runner = runner_start(&runner);
    serving->scheduler = scheduler_start(&scheduler);
    return steward_start(serving->owner, serving->arena, &steward, &serving->steward);
}

static const char *const *degraded_reasons(const struct serving *serving)
{
    static const char *const none[] = { NULL };
    return serving->roles.degraded ? serving->roles.degraded_reasons : none;
}

static struct problem *start_listening(struct serving *serving,
                                       const struct route_set *const *control)
{
    struct server *server = &serving->server;
    struct http *http;
    const struct http_hooks hooks = {
        .server = server,
        .routes = server->routes,
        .control_routes = config_text(serving->config, CONFIG_CONTROL_LISTEN) ? control : NULL,
        .loop_open = authority_open,
        .loop_close = authority_close,
        .authenticate = authority_check,
        .subject = authority_subject,
    };
    TRY(http_start(serving->arena, serving->config, &hooks, serving->roles.reader_conninfo,
                   serving->roles.owner_conninfo, &http));
    atomic_store(&server->http, http);
    for (size_t i = 0; server->degraded[i]; i++)
        log_message(LOG_WARNING, "degraded", "%s", server->degraded[i]);
    const struct log_member line[] = {
        LOG_TEXT("product", serving->folder.product.id),
        LOG_TEXT("listen", config_text(serving->config, CONFIG_LISTEN)),
        LOG_NUMBER("port", http_port(http)),
        LOG_NUMBER("control_port", http_control_port(http)),
        LOG_TEXT("version", ENTREPOT_VERSION),
    };
    log_line(LOG_INFO, "listening", line, COUNT(line));
    return NULL;
}

static struct problem *start(struct serving *serving, const char *folder_path,
                             const struct route_set *const *routes,
                             const struct route_set *const *control)
{
    struct server *server = &serving->server;
    unsigned char random[8];
    digest_random(random, sizeof random);
    server->config = serving->config;
    server->routes = routes;
    server->started_at = clock_now();
    server->instance = arena_print(serving->arena, "%lld-%s", (long long)getpid(),
                                   arena_hex(serving->arena, random, sizeof random));
    server->catalogue = catalogue_cell_new();
    server->counts = counts_new();
    TRY(read_folder(serving, folder_path));
    TRY(prepare_database(serving));
    TRY(snapshot_files_open(serving->arena, serving->data_dir,
                            config_number(serving->config, CONFIG_FILE_SPACE), &server->files));
    server->degraded = degraded_reasons(serving);
    TRY(apply(serving));
    TRY(open_keys(serving));
    TRY(start_threads(serving));
    return start_listening(serving, control);
}

/* Wait up to a second for a signal to stop. */
static bool stop_is_asked(void)
{
    const struct timespec second = { 1, 0 };
    sigset_t stops;
    (void)sigemptyset(&stops);
    (void)sigaddset(&stops, SIGINT);
    (void)sigaddset(&stops, SIGTERM);
    return sigtimedwait(&stops, NULL, &second) > 0;
}

/* A second signal must be heard while http_stop waits, so a thread listens for it. */
static void *hear_second_signal(void *context)
{
    struct serving *serving = context;
    sigset_t stops;
    int signal;
    (void)sigemptyset(&stops);
    (void)sigaddset(&stops, SIGINT);
    (void)sigaddset(&stops, SIGTERM);
    if (sigwait(&stops, &signal) == 0) {
        log_message(LOG_WARNING, "hurried", "a second signal: not waiting for requests any more");
        http_hurry(atomic_load(&serving->server.http));
    }
    return NULL;
}

static void stop_listening(struct serving *serving)
{
    struct http *http = atomic_load(&serving->server.http);
    pthread_t hears;
    bool heard = pthread_create(&hears, NULL, hear_second_signal, serving) == 0;
    log_line(LOG_INFO, "draining", NULL, 0);
    http_stop(http);
    if (heard) {
        (void)pthread_cancel(hears); /* it waits in sigwait, or has ended */
        (void)pthread_join(hears, NULL);
    }
}

static void stop(struct serving *serving)
{
    struct server *server = &serving->server;
    if (atomic_load(&server->http))
        stop_listening(serving);
    steward_stop(serving->steward); /* it wakes the runner and the scheduler */
    scheduler_stop(serving->scheduler);
    runner_stop(server->runner, 1000);
    db_close(serving->owner);
    verifier_close(server->verifier);
    catalogue_cell_free(server->catalogue);
    counts_free(server->counts);
    snapshot_files_close(server->files);
    cluster_stop(serving->cluster);
    folder_clear(&serving->folder);
}

/* Exports need megabytes for a while. By default each thread would keep what it once had, because
 * the allocator learns from large blocks that were freed. */
static void set_allocator(void)
{
    /* a refusal costs memory only */
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 20);
    (void)mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

struct problem *serve(struct arena *arena, const struct config *config, const char *folder_path,
                      const struct route_set *const *routes, const struct route_set *const *control)
{
    struct serving serving = { .arena = arena, .config = config };
    serving.data_dir = serve_data_dir(arena, config, folder_path);
    set_allocator();
    struct problem *problem = start(&serving, folder_path, routes, control);
    while (!problem && !stop_is_asked()) {
        CLEANUP(arena_free_at) struct arena *scratch = arena_new(1024);
        if (serving.cluster)
            cluster_tend(serving.cluster, scratch);
    }
    stop(&serving);
    if (!problem)
        log_line(LOG_INFO, "stopped", NULL, 0);
    return problem;
}
