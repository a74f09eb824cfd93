#include "dictionary.h"

#include <endian.h>

#define FIRST_SLOTS 512
#define MOST_PROBES 64

void dictionary_reset(struct dictionary *dictionary)
{
    dictionary->count = 0;
    buffer_reset(&dictionary->plain);
    buffer_reset(&dictionary->offsets);
    buffer_reset(&dictionary->hashes);
    buffer_reset(&dictionary->slots);
}

void dictionary_clear(struct dictionary *dictionary)
{
    dictionary_reset(dictionary);
    buffer_clear(&dictionary->plain);
    buffer_clear(&dictionary->offsets);
    buffer_clear(&dictionary->hashes);
    buffer_clear(&dictionary->slots);
}

size_t dictionary_bytes(const struct dictionary *dictionary)
{
    return dictionary->plain.size + dictionary->offsets.size + dictionary->hashes.size
           + dictionary->slots.size;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    unsigned __int128 product = (unsigned __int128)(hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Up to eight bytes as a number; where they are fewer than eight, it may have some of them twice.
 */
static uint64_t word_of(const char *data, size_t size)
{
    uint32_t first;
    uint32_t last;
    uint64_t word;
    if (size >= sizeof word) {
        memcpy(&word, data, sizeof word);
        return word;
    }
    if (size >= sizeof first) {
        memcpy(&first, data, sizeof first);
        memcpy(&last, data + size - sizeof last, sizeof last);
        return (uint64_t)first << 32 | last;
    }
    return !size
               ? 0
               : (uint64_t)(unsigned char)data[0] << 16
                     | (uint64_t)(unsigned char)data[size / 2] << 8 | (unsigned char)data[size - 1];
}

static uint32_t hash_of(const char *data, size_t size)
{
    uint64_t hash = size + 1;
    for (; size > sizeof hash; data += sizeof hash, size -= sizeof hash)
        hash = mix(hash, word_of(data, size));
    hash = mix(hash, word_of(data, size));
    return (uint32_t)mix(hash, UINT64_C(0xd6e8feb86659fd93));
}

static bool is_same(const char *left, const char *right, size_t size)
{
    if (size <= sizeof(uint64_t))
        return word_of(left, size) == word_of(right, size);
    return memcmp(left, right, size) == 0;
}

static uint32_t *hashes_of(const struct dictionary *dictionary)
{
    return (uint32_t *)(void *)dictionary->hashes.data;
}

static const char *value_at(const struct dictionary *dictionary, size_t number, size_t *out_size)
{
    if (dictionary->width) {
        *out_size = dictionary->width;
        return dictionary->plain.data + number * dictionary->width;
    }
    const uint32_t *offsets = (const uint32_t *)(const void *)dictionary->offsets.data;
    const char *at = dictionary->plain.data + offsets[number];
    uint32_t size;
    memcpy(&size, at, sizeof size);
    *out_size = le32toh(size);
    return at + sizeof size;
}

/* The slot of a value, or the free one where it belongs; NULL: too many fell together. */
static uint16_t *find(const struct dictionary *dictionary, uint32_t hash, const char *data,
                      size_t size)
{
    uint16_t *slots = (uint16_t *)(void *)dictionary->slots.data;
    size_t mask = dictionary->slots.size / sizeof *slots - 1;
    const uint32_t *hashes = hashes_of(dictionary);
    for (size_t probe = 0; probe < MOST_PROBES; probe++) {
        uint16_t *slot = &slots[(hash + probe) & mask];
        if (!*slot)
            return slot;
        if (hashes[*slot - 1] != hash)
            continue;
        size_t known_size;
        const char *known = value_at(dictionary, *slot - 1U, &known_size);
        if (known_size == size && is_same(known, data, size))
            return slot;
    }
    return NULL;
}

/* Twice as many slots, each value in its own again. */
static bool grow(struct dictionary *dictionary)
{
    size_t size =
        dictionary->slots.size ? 2 * dictionary->slots.size : FIRST_SLOTS * sizeof(uint16_t);
    buffer_reset(&dictionary->slots);
    memset(buffer_room(&dictionary->slots, size), 0, size);
    dictionary->slots.size = size;
    uint16_t *slots = (uint16_t *)(void *)dictionary->slots.data;
    size_t mask = size / sizeof *slots - 1;
    for (size_t i = 0; i < dictionary->count; i++) {
        size_t at = hashes_of(dictionary)[i] & mask;
        size_t probes = 0;
        for (; slots[at] && probes < MOST_PROBES; probes++)
            at = (at + 1) & mask;
        if (slots[at])
            return false;
        slots[at] = (uint16_t)(i + 1);
    }
    return true;
}

static void add(struct dictionary *dictionary, const char *data, size_t size, uint32_t hash)
{
    if (!dictionary->width) {
        uint32_t offset = (uint32_t)dictionary->plain.size;
        uint32_t length = htole32((uint32_t)size);
        buffer_add(&dictionary->offsets, &offset, sizeof offset);
        buffer_add(&dictionary->plain, &length, sizeof length);
    }
    buffer_add(&dictionary->plain, data, size);
    buffer_add(&dictionary->hashes, &hash, sizeof hash);
    dictionary->count++;
}

int dictionary_number(struct dictionary *dictionary, const char *data, size_t size, bool *out_new)
{
    uint32_t hash = hash_of(data, size);
    *out_new = false;
    if (2 * dictionary->count >= dictionary->slots.size / sizeof(uint16_t) && !grow(dictionary))
        return DICTIONARY_FULL;
    uint16_t *slot = find(dictionary, hash, data, size);
    if (!slot)
        return DICTIONARY_FULL;
    if (*slot)
        return *slot - 1;
    if (dictionary->count == DICTIONARY_MOST
        || dictionary->plain.size + size + sizeof(uint32_t) > DICTIONARY_BYTES)
        return DICTIONARY_FULL;
    add(dictionary, data, size, hash);
    *slot = (uint16_t)dictionary->count;
    *out_new = true;
    return (int)dictionary->count - 1;
}

void dictionary_write(const struct dictionary *dictionary, const uint16_t *numbers, size_t count,
                      struct buffer *out)
{
    for (size_t i = 0; i < count; i++) {
        size_t size;
        const char *data = value_at(dictionary, numbers[i], &size);
        if (!dictionary->width) { /* with the size that stands before it */
            data -= sizeof(uint32_t);
            size += sizeof(uint32_t);
        }
        buffer_add(out, data, size);
    }
}
