#include "canaries.h"

#include "place.h"
#include "server/base/clock.h"
#include "server/db/listener.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* What a process of the server may have for itself is less: $ENTREPOT_TEST_MEMORY_MB. */
#define MEMORY_TELLS_KB (640L * 1024)

/* How long a statement that hears no cancel may go on: see run_watch_stop. */
#define DEAF_MS 2000

struct canaries {
    struct arena *arena;
    struct db *admin;
    struct db *holder; /* holds the table the victim waits for */
    struct db *victim;
    struct listener *listener;
    const char *file; /* that must not be there */
    int64_t large_object;
    int64_t postmaster; /* 0: of another machine */
    const char *state;
    const char *settings; /* of a connection that is kept */
    pthread_t waits;      /* the victim's */
    pthread_t watches;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t told;
    struct run_watch *watch;
    int64_t began_ms; /* the run that is watched */
    int64_t took_ms;  /* the one before; 0: none since canaries_begin */
    bool ends;
    bool victim_ended;
    _Atomic long most_kb;
};

/* All that a statement could have changed, as one text. */
static const char state_sql[] =
    "SELECT concat_ws(' ',"
    " (SELECT md5(string_agg(s::text, '' ORDER BY s.id)) FROM data.s_1 AS s),"
    " (SELECT md5(string_agg(s::text, '')) FROM data.s_2 AS s),"
    " (SELECT count(*) FROM data.private), (SELECT count(*) FROM meta.hidden),"
    " (SELECT count(*) FROM pg_class WHERE oid >= 16384 AND relnamespace <> "
    "'pg_toast'::regnamespace"
    "   AND relpersistence <> 't'),"
    " (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_type WHERE typtype IN ('d', 'e')),"
    " (SELECT count(*) FROM pg_largeobject_metadata), (SELECT md5(string_agg(data, '')) FROM"
    "   pg_largeobject), (SELECT md5(string_agg(r::text, '' ORDER BY r.oid)) FROM pg_authid AS r),"
    " (SELECT count(*) FROM pg_auth_members), (SELECT md5(string_agg(d::text, '')) FROM"
    "   pg_db_role_setting AS d), (SELECT last_value FROM data.counter),"
    " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'),"
    " (SELECT count(*) FROM pg_replication_slots), (SELECT count(*) FROM pg_description),"
    " (SELECT md5(string_agg(n::text, '' ORDER BY n.oid)) FROM pg_namespace AS n"
    "   WHERE nspname !~ 'pg_(toast_)?temp'),"
    " (SELECT count(*) FROM pg_file_settings), pg_is_in_recovery(), pg_postmaster_start_time())";
static const char settings_sql[] =
    "SELECT md5(string_agg(name || setting, '' ORDER BY name)) || current_user FROM pg_settings"
    " WHERE name NOT IN ('transaction_read_only', 'statement_timeout', 'seed')";

/* The first column of the first row, as text; "" for none. */
static const char *ask(struct db *db, struct arena *arena, const char *sql)
{
    const struct db_query query = { .text = sql };
    const struct db_value *row;
    size_t count;
    const char *answer = "";
    MUST(db_stream_begin(db, arena, &query));
    MUST(db_stream_next(db, arena, &row, &count));
    if (row) {
        answer = row->size > 0 ? arena_copy(arena, row->data, (size_t)row->size) : "";
        db_stream_stop(db);
    }
    return answer;
}

const char *canaries_row(struct db *db, struct arena *arena)
{
    return ask(
        db, arena,
        "SELECT left(x, 200) FROM data.attacked WHERE x ~ 'HARM|CANARY|SCRAM-|root:x' LIMIT 1");
}

static void canaries_lock(struct canaries *canaries)
{
    (void)pthread_mutex_lock(&canaries->lock); /* a plain mutex used rightly does not fail */
}

static void canaries_unlock(struct canaries *canaries)
{
    (void)pthread_mutex_unlock(&canaries->lock); /* as above */
}

static void *wait_as_victim(void *context)
{
    struct canaries *canaries = context;
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    struct problem *problem = db_run(canaries->victim, arena, "SELECT * FROM data.held");
    canaries_lock(canaries);
    canaries->victim_ended = true;
    canaries_unlock(canaries);
    (void)problem; /* it ends when it is harmed, or when the place is closed */
    return NULL;
}

static long memory_kb(int64_t pid)
{
    char path[64];
    char line[256];
    long kb = 0;
    (void)snprintf(path, sizeof path, "/proc/%lld/status", (long long)pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        (void)sscanf(line, "RssAnon: %ld", &kb);
    if (file)
        (void)fclose(file);
    return kb;
}

/* The largest of the server's processes. */
static void measure(struct canaries *canaries)
{
    char path[96];
    long long pid;
    (void)snprintf(path, sizeof path, "/proc/%lld/task/%lld/children",
                   (long long)canaries->postmaster, (long long)canaries->postmaster);
    FILE *file = canaries->postmaster ? fopen(path, "r") : NULL;
    while (file && fscanf(file, "%lld", &pid) == 1) {
        long kb = memory_kb(pid);
        if (kb > atomic_load(&canaries->most_kb))
            atomic_store(&canaries->most_kb, kb);
    }
    if (file)
        (void)fclose(file);
}

/* As the runner's watcher: at the limit a statement is stopped, and again until it has ended. */
static void *watch_statements(void *context)
{
    struct canaries *canaries = context;
    canaries_lock(canaries);
    while (!canaries->ends) {
        struct timespec until;
        (void)clock_gettime(CLOCK_REALTIME, &until); /* cannot fail with this clock */
        until.tv_nsec += 40000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        (void)pthread_cond_timedwait(&canaries->told, &canaries->lock, &until);
        if (canaries->watch
            && clock_monotonic_ms() > canaries->began_ms + ATTACK_LIMIT_MS + ATTACK_LIMIT_MS / 5)
            run_watch_stop(canaries->watch, RUN_OVERTIME);
        measure(canaries);
    }
    canaries_unlock(canaries);
    return NULL;
}

/* A server of the test's own is bounded as the private cluster bounds its own. */
static int64_t find_postmaster(struct canaries *canaries)
{
    if (!getenv("ENTREPOT_TEST_MEMORY_MB") || getenv("ENTREPOT_TEST_DATABASE"))
        return 0;
    return atoll(ask(canaries->admin, canaries->arena,
                     "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"));
}

struct canaries *canaries_open(const char *admin, const char *pipeline)
{
    struct arena *arena = arena_new(16 * 1024);
    struct canaries *canaries = arena_new_of(arena, struct canaries);
    canaries->arena = arena;
    canaries->admin = db_open(admin, "canaries");
    canaries->holder = db_open(admin, "canaries");
    canaries->victim = db_open(pipeline, "canaries");
    canaries->listener = listener_open(admin, "canary");
    canaries->file = arena_print(arena, "/tmp/entrepot-harm-%d", (int)getpid());
    canaries->postmaster = find_postmaster(canaries);
    canaries->large_object =
        atoll(ask(canaries->admin, arena, "SELECT lo_from_bytea(0, 'HARM')::text"));
    MUST(db_run(canaries->holder, arena, "BEGIN; LOCK TABLE data.held"));
    MUST(db_run(canaries->victim, arena, "SET lock_timeout = 0; SET statement_timeout = 0"));
    bool notified = true; /* each connection counts as one */
    for (int turn = 0; turn < 100 && notified; turn++)
        MUST(listener_wait(canaries->listener, arena, 50, -1, &notified));
    ck_assert(!pthread_mutex_init(&canaries->lock, NULL));
    ck_assert(!pthread_cond_init(&canaries->told, NULL));
    ck_assert(!pthread_create(&canaries->waits, NULL, wait_as_victim, canaries));
    ck_assert(!pthread_create(&canaries->watches, NULL, watch_statements, canaries));
    canaries->state = ask(canaries->admin, arena, state_sql);
    return canaries;
}

void canaries_close(struct canaries *canaries)
{
    canaries_lock(canaries);
    canaries->ends = true;
    (void)pthread_cond_broadcast(&canaries->told); /* cannot fail */
    canaries_unlock(canaries);
    db_close(canaries->holder);                /* lets the victim go */
    (void)pthread_join(canaries->waits, NULL); /* started by canaries_open, joined once */
    (void)pthread_join(canaries->watches, NULL);
    db_close(canaries->victim);
    db_close(canaries->admin);
    listener_close(canaries->listener);
    (void)pthread_mutex_destroy(&canaries->lock); /* nobody holds it any more */
    (void)pthread_cond_destroy(&canaries->told);
    arena_free(canaries->arena);
}

const char *canaries_fill(const struct canaries *canaries, struct arena *arena, const char *sql)
{
    const char *victim = arena_print(arena, "%d", db_backend_pid(canaries->victim));
    const char *large = arena_print(arena, "%lld", (long long)canaries->large_object);
    sql = corpus_replace(arena, sql, "@VICTIM@", victim);
    sql = corpus_replace(arena, sql, "@FILE@", canaries->file);
    return corpus_replace(arena, sql, "@LARGE@", large);
}

void canaries_begin(struct canaries *canaries)
{
    canaries_lock(canaries);
    canaries->took_ms = 0;
    atomic_store(&canaries->most_kb, 0);
    canaries_unlock(canaries);
}

void canaries_watch(struct canaries *canaries, struct run_watch *watch)
{
    canaries_lock(canaries);
    if (!canaries->watch)
        canaries->began_ms = clock_monotonic_ms();
    canaries->watch = watch;
    canaries->took_ms = watch ? 0 : clock_monotonic_ms() - canaries->began_ms;
    canaries_unlock(canaries);
}

static const char *secret_harm(struct arena *arena, const struct attack *attack, const char *row,
                               const char *said)
{
    if (strstr(row, "CANARY") || strstr(row, "SCRAM-") || strstr(row, "root:x"))
        return arena_print(arena, "secret in a row: %s", row);
    if (*row && !attack_is(attack, "other"))
        return arena_print(arena, "%s: it ran: %s", attack->canary, row);
    if (strstr(said, "CANARY") && !strstr(attack->sql, "CANARY"))
        return arena_print(arena, "secret in a message: %s", said);
    return NULL;
}

/* Not within the little time a statement has. */
static const char *ask_settings(struct db *kept, struct arena *arena)
{
    MUST(db_begin(kept, arena, true));
    const char *limit = ask(kept, arena, "SELECT current_setting('statement_timeout')");
    MUST(db_run(kept, arena, "SET LOCAL statement_timeout = 0"));
    const char *settings = ask(kept, arena, settings_sql);
    db_rollback(kept);
    return arena_print(arena, "%s %s", limit, settings);
}

static const char *state_harm(struct canaries *canaries, struct arena *arena, struct db *kept)
{
    const char *state = ask(canaries->admin, arena, state_sql);
    if (strcmp(state, canaries->state) != 0) {
        const char *harm = arena_print(arena, "state: %s, was %s", state, canaries->state);
        canaries->state = arena_text(canaries->arena, state);
        return harm;
    }
    bool notified = false;
    MUST(listener_wait(canaries->listener, arena, 0, -1, &notified));
    if (notified)
        return "notify: a message was heard";
    if (access(canaries->file, F_OK) == 0) {
        (void)unlink(canaries->file); /* it is told of */
        return "file: it was written";
    }
    const char *settings = kept ? ask_settings(kept, arena) : "";
    if (canaries->settings && strcmp(canaries->settings, settings) != 0)
        return "setting: the connection is not as it was";
    if (!canaries->settings)
        canaries->settings = arena_text(canaries->arena, settings);
    return NULL;
}

const char *canaries_harm(struct canaries *canaries, struct arena *arena,
                          const struct attack *attack, struct db *kept, const char *row,
                          const char *said)
{
    canaries_lock(canaries);
    int64_t took_ms = canaries->took_ms;
    bool victim_ended = canaries->victim_ended;
    canaries_unlock(canaries);
    /* one call of a function may fill all the memory there is, deaf to the limit */
    bool is_deaf =
        attack_is(attack, "time-deaf") || attack_is(attack, "memory") || attack_is(attack, "other");
    int64_t most_ms = ATTACK_LIMIT_MS + ATTACK_SLACK_MS + (is_deaf ? DEAF_MS : 0);
    const char *harm = secret_harm(arena, attack, row, said);
    if (!harm)
        harm = state_harm(canaries, arena, kept);
    if (!harm && victim_ended)
        harm = "kill: the other run was ended";
    if (!harm && atomic_load(&canaries->most_kb) > MEMORY_TELLS_KB)
        harm = arena_print(arena, "memory: %ld MB", atomic_load(&canaries->most_kb) / 1024);
    if (!harm && took_ms > most_ms)
        harm = arena_print(arena, "time: %lld ms", (long long)took_ms);
    return harm;
}
