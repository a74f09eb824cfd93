#include "tags.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 1024

struct slot {
    uint64_t hash;
    size_t size;
    char *question; /* NULL: empty */
    struct tag tag;
};

struct tags {
    int64_t revision; /* of all that is kept */
    struct slot slots[SLOTS];
};

struct tags *tags_new(void)
{
    struct tags *tags = calloc(1, sizeof *tags);
    if (!tags)
        abort();
    return tags;
}

static void forget_all(struct tags *tags)
{
    for (size_t i = 0; i < SLOTS; i++)
        free(tags->slots[i].question);
    memset(tags->slots, 0, sizeof tags->slots);
}

void tags_free(struct tags *tags)
{
    if (!tags)
        return;
    forget_all(tags);
    free(tags);
}

/* Only spreads: what is found is compared whole. */
static uint64_t hash_of(const char *text, size_t size)
{
    const uint64_t prime = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = size;
    for (; size >= sizeof hash; size -= sizeof hash, text += sizeof hash) {
        uint64_t word;
        memcpy(&word, text, sizeof word);
        hash = (hash ^ word) * prime;
        hash ^= hash >> 32;
    }
    for (; size; size--, text++)
        hash = (hash ^ (unsigned char)*text) * prime;
    return hash ^ hash >> 32;
}

static void follow(struct tags *tags, int64_t revision)
{
    if (tags->revision == revision)
        return;
    forget_all(tags);
    tags->revision = revision;
}

const struct tag *tags_find(struct tags *tags, int64_t revision, const char *question, size_t size)
{
    follow(tags, revision);
    uint64_t hash = hash_of(question, size);
    const struct slot *slot = &tags->slots[hash % SLOTS];
    bool found = slot->question && slot->hash == hash && slot->size == size
                 && memcmp(slot->question, question, size) == 0;
    return found ? &slot->tag : NULL;
}

void tags_keep(struct tags *tags, int64_t revision, const char *question, size_t size,
               const struct tag *tag)
{
    follow(tags, revision);
    if (size > TAGS_QUESTION_BYTES)
        return;
    uint64_t hash = hash_of(question, size);
    struct slot *slot = &tags->slots[hash % SLOTS];
    free(slot->question);
    *slot = (struct slot){ hash, size, malloc(size ? size : 1), *tag };
    if (!slot->question)
        abort();
    memcpy(slot->question, question, size);
}
