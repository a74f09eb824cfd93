#include "counts.h"

#include "canonical.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define SLOTS 4096

struct slot {
    struct count_key key;
    int64_t rows;
    bool taken;
};

struct counts {
    pthread_mutex_t mutex; /* guards the slots */
    struct slot slots[SLOTS];
};

struct counts *counts_new(void)
{
    struct counts *counts = calloc(1, sizeof *counts);
    if (!counts || pthread_mutex_init(&counts->mutex, NULL) != 0)
        abort();
    return counts;
}

void counts_free(struct counts *counts)
{
    if (!counts)
        return;
    int failed = pthread_mutex_destroy(&counts->mutex);
    assert(!failed);
    free(counts);
}

bool counts_key(struct arena *arena, const struct query *query, int64_t snapshot,
                struct count_key *out_key)
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    buffer_print(&text, "snapshot=%lld", (long long)snapshot);
    if (!canonical_write_found(&text, arena, query))
        return false;
    digest_sha256(text.data, text.size, out_key->sum);
    return true;
}

static struct slot *slot_lock(struct counts *counts, const struct count_key *key)
{
    int failed = pthread_mutex_lock(&counts->mutex);
    assert(!failed);
    return &counts->slots[(key->sum[0] << 8 | key->sum[1]) % SLOTS];
}

static void slot_unlock(struct counts *counts)
{
    int failed = pthread_mutex_unlock(&counts->mutex);
    assert(!failed);
}

bool counts_find(struct counts *counts, const struct count_key *key, int64_t *out_rows)
{
    const struct slot *slot = slot_lock(counts, key);
    bool found = slot->taken && memcmp(&slot->key, key, sizeof *key) == 0;
    if (found)
        *out_rows = slot->rows;
    slot_unlock(counts);
    return found;
}

void counts_keep(struct counts *counts, const struct count_key *key, int64_t rows)
{
    struct slot *slot = slot_lock(counts, key);
    *slot = (struct slot){ *key, rows, true };
    slot_unlock(counts);
}
