#include "keys.h"

#include "key_source.h"
#include "server/base/clock.h"
#include "server/base/digest.h"
#include "server/base/log.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct keys {
    struct arena *arena; /* of options.from */
    struct keys_options options;
    pthread_t thread;
    bool has_thread;
    atomic_bool closing;
    _Atomic uint64_t generation;

    /* of the turning thread alone */
    struct key_source source;
    unsigned char text_sum[DIGEST_BYTES]; /* of the text of the current set */
    int64_t due_ms;                       /* read then, changed or not */
    int64_t give_up_ms;                   /* the current set is not used after it */
    bool failing;                         /* an outage is logged once, not every minute */

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t woken;
    struct jwks *set;
    int64_t next_ms;  /* when the next turn has something to do; INT64_MIN while it does it */
    int64_t tried_ms; /* the last turn that had */
};

static void lock(struct keys *keys)
{
    int failed = pthread_mutex_lock(&keys->mutex);
    assert(!failed);
}

static void unlock(struct keys *keys)
{
    int failed = pthread_mutex_unlock(&keys->mutex);
    assert(!failed);
}

static struct keys *keys_new(const struct keys_options *options)
{
    struct keys *keys = calloc(1, sizeof *keys);
    pthread_condattr_t attributes;
    if (!keys || pthread_condattr_init(&attributes) != 0
        || pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) != 0
        || pthread_cond_init(&keys->woken, &attributes) != 0
        || pthread_mutex_init(&keys->mutex, NULL) != 0)
        abort();
    (void)pthread_condattr_destroy(&attributes); /* holds nothing */
    keys->arena = arena_new(512);
    keys->options = *options;
    keys->options.from = arena_text(keys->arena, options->from);
    return keys;
}

/* Make a set the current one; NULL gives the current one up. Takes over the reference. */
static void replace_set(struct keys *keys, struct jwks *set)
{
    lock(keys);
    struct jwks *old = keys->set;
    keys->set = set;
    (void)atomic_fetch_add(&keys->generation, 1);
    unlock(keys);
    jwks_release(old);
}

static void log_set(const struct keys *keys, const struct jwks *set)
{
    const struct log_member members[] = { LOG_TEXT("from", keys->options.from),
                                          LOG_NUMBER("usable", jwks_count(set)),
                                          LOG_TEXT("left_out", jwks_left_out(set)) };
    bool odd = !jwks_count(set) || *jwks_left_out(set);
    log_line(odd ? LOG_WARNING : LOG_INFO, "keys-read", members, COUNT(members));
}

static int64_t lifetime_of(const struct keys *keys, int64_t max_age_ms)
{
    int64_t lifetime_ms = max_age_ms < keys->options.ttl_ms ? keys->options.ttl_ms : max_age_ms;
    return lifetime_ms < KEYS_TTL_HIGHEST_MS ? lifetime_ms : KEYS_TTL_HIGHEST_MS;
}

/* Read, and replace the current set if the text is another one. */
static struct problem *read_set(struct arena *arena, struct keys *keys, int64_t now_ms)
{
    struct key_text text;
    unsigned char sum[DIGEST_BYTES];
    TRY(key_source_read(arena, &keys->source, &keys->closing, &text));
    digest_sha256(text.text, text.size, sum);
    /* only the turning thread writes set, so it may look without the lock */
    if (!keys->set || memcmp(sum, keys->text_sum, sizeof sum) != 0) {
        struct jwks *set;
        TRY(jwks_read(arena, text.text, text.size, keys->options.algorithms, &set));
        log_set(keys, set);
        replace_set(keys, set);
        memcpy(keys->text_sum, sum, sizeof sum);
    }
    keys->due_ms = now_ms + lifetime_of(keys, text.max_age_ms);
    keys->give_up_ms = keys->due_ms + KEYS_STALE_MS;
    return NULL;
}

static void log_change(struct keys *keys, const struct problem *problem)
{
    const struct log_member members[] = { LOG_TEXT("from", keys->options.from),
                                          LOG_TEXT("detail", problem ? problem->detail : "") };
    if (problem && !keys->failing)
        log_line(LOG_WARNING, "keys-not-read", members, COUNT(members));
    if (!problem && keys->failing)
        log_line(LOG_INFO, "keys-read-again", members, 1);
    keys->failing = problem != NULL;
}

static void refresh(struct keys *keys, int64_t now_ms)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const struct problem *problem = read_set(arena, keys, now_ms);
    if (atomic_load(&keys->closing))
        return; /* a cancelled fetch says nothing about the issuer */
    log_change(keys, problem);
    if (!problem)
        return;
    keys->due_ms = now_ms + (keys->source.is_url ? KEYS_PAUSE_MS : KEYS_LOOK_MS);
    if (!keys->set || now_ms < keys->give_up_ms)
        return;
    log_message(LOG_ERROR, "keys-given-up", "%s gave no keys for too long; no token is accepted",
                keys->options.from);
    replace_set(keys, NULL);
}

int64_t keys_turn(struct keys *keys, int64_t now_ms)
{
    lock(keys);
    int64_t next_ms = keys->next_ms;
    bool asked = next_ms < keys->due_ms && keys->source.is_url;
    if (now_ms >= next_ms) {
        keys->next_ms = INT64_MIN;
        keys->tried_ms = now_ms;
    }
    unlock(keys);
    if (now_ms < next_ms)
        return next_ms;
    if (asked || now_ms >= keys->due_ms || key_source_has_changed(&keys->source))
        refresh(keys, now_ms);
    next_ms = keys->due_ms;
    if (!keys->source.is_url && next_ms > now_ms + KEYS_LOOK_MS)
        next_ms = now_ms + KEYS_LOOK_MS;
    lock(keys);
    keys->next_ms = next_ms;
    unlock(keys);
    return next_ms;
}

bool keys_want(struct keys *keys, int64_t now_ms)
{
    lock(keys);
    int64_t pause_ms = keys->source.is_url ? KEYS_PAUSE_MS : KEYS_LOOK_PAUSE_MS;
    int64_t soonest_ms = keys->tried_ms + pause_ms;
    if (soonest_ms < now_ms)
        soonest_ms = now_ms;
    bool sooner = soonest_ms < keys->next_ms;
    if (sooner) {
        keys->next_ms = soonest_ms;
        int failed = pthread_cond_signal(&keys->woken);
        assert(!failed);
    }
    unlock(keys);
    return sooner;
}

struct jwks *keys_hold(struct keys *keys, uint64_t *out_generation)
{
    lock(keys);
    struct jwks *set = keys->set ? jwks_hold(keys->set) : NULL;
    *out_generation = atomic_load(&keys->generation);
    unlock(keys);
    return set;
}

uint64_t keys_generation(const struct keys *keys)
{
    return atomic_load(&keys->generation);
}

struct problem *keys_open(struct arena *arena, const struct keys_options *options, int64_t now_ms,
                          struct keys **out_keys)
{
    CLEANUP(keys_close_at) struct keys *keys = keys_new(options);
    TRY(key_source_init(arena, keys->options.from, &keys->source));
    keys->tried_ms = now_ms;
    const struct problem *problem = read_set(arena, keys, now_ms);
    if (problem)
        return problem_new(arena, &PROBLEM_START, "no keys from %s: %s", options->from,
                           problem->detail);
    if (!jwks_count(keys->set))
        return problem_new(arena, &PROBLEM_START, "no usable key in %s: %s", options->from,
                           *jwks_left_out(keys->set) ? jwks_left_out(keys->set) : "it is empty");
    keys->next_ms = keys->source.is_url ? keys->due_ms : now_ms + KEYS_LOOK_MS;
    *out_keys = TAKE(keys);
    return NULL;
}

static void *take_turns(void *context)
{
    struct keys *keys = context;
    while (!atomic_load(&keys->closing)) {
        int64_t next_ms = keys_turn(keys, clock_monotonic_ms());
        lock(keys);
        next_ms = next_ms < keys->next_ms ? next_ms : keys->next_ms;
        const struct timespec until = { .tv_sec = next_ms / 1000,
                                        .tv_nsec = next_ms % 1000 * 1000000 };
        if (!atomic_load(&keys->closing))
            (void)pthread_cond_timedwait(&keys->woken, &keys->mutex, &until); /* turns decide */
        unlock(keys);
    }
    return NULL;
}

struct problem *keys_start(struct arena *arena, struct keys *keys)
{
    int failed = pthread_create(&keys->thread, NULL, take_turns, keys);
    if (failed)
        return problem_new(arena, &PROBLEM_START, "no thread for reading keys: %s",
                           strerror(failed));
    keys->has_thread = true;
    return NULL;
}

void keys_close(struct keys *keys)
{
    if (!keys)
        return;
    lock(keys);
    atomic_store(&keys->closing, true);
    int failed = pthread_cond_signal(&keys->woken);
    assert(!failed);
    unlock(keys);
    if (keys->has_thread) {
        failed = pthread_join(keys->thread, NULL);
        assert(!failed);
    }
    jwks_release(keys->set);
    failed = pthread_cond_destroy(&keys->woken) | pthread_mutex_destroy(&keys->mutex);
    assert(!failed);
    arena_free(keys->arena);
    free(keys);
}
