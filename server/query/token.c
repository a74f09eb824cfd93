/*
 * Tokens to go on with: snapshot, rows still wanted, place, and a hash of the query, under a MAC.
 *
 * The bytes, all numbers big-endian: version (1), hash (16), snapshot (8), remaining (8), count of
 * values (2), each value as size (4; all ones: null) and bytes, and at the end the MAC (16). A
 * client can read them, but neither make nor change them, nor use them with another query.
 */
#include "canonical.h"
#include "fault.h"
#include "server/base/digest.h"
#include "server/base/text.h"

#include <assert.h>

#define VERSION 1
#define HASH_BYTES 16
#define MAC_BYTES 16
#define HEAD_BYTES (1 + HASH_BYTES + 8 + 8 + 2)
#define NULL_SIZE UINT32_MAX

/* The same key signs other things too; no other signed text begins like this. */
static const char purpose[] = "entrepot skiptoken\n";

static void hash_of(struct arena *arena, const struct query *query, unsigned char out[HASH_BYTES])
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    unsigned char sum[DIGEST_BYTES];
    canonical_write(&text, arena, query);
    digest_sha256(text.data, text.size, sum);
    memcpy(out, sum, HASH_BYTES);
}

static void mac_of(const void *key, size_t key_size, const void *data, size_t size,
                   unsigned char out[MAC_BYTES])
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    unsigned char sum[DIGEST_BYTES];
    buffer_add_text(&text, purpose);
    buffer_add(&text, data, size);
    digest_hmac(key, key_size, text.data, text.size, sum);
    memcpy(out, sum, MAC_BYTES);
}

static void add_number(struct buffer *out, uint64_t number, size_t bytes)
{
    for (size_t i = bytes; i-- > 0;)
        buffer_add_char(out, (char)(number >> (8 * i) & 255));
}

const char *query_token_make(struct arena *arena, const void *key, size_t key_size,
                             int64_t snapshot, int64_t remaining, const struct query *query,
                             const struct query_place *place)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    unsigned char hash[HASH_BYTES], mac[MAC_BYTES];
    assert(place->count == query->places.count);
    hash_of(arena, query, hash);
    add_number(&out, VERSION, 1);
    buffer_add(&out, hash, sizeof hash);
    add_number(&out, (uint64_t)snapshot, 8);
    add_number(&out, (uint64_t)remaining, 8);
    add_number(&out, place->count, 2);
    for (size_t i = 0; i < place->count; i++) {
        size_t size = place->values[i] ? strlen(place->values[i]) : 0;
        add_number(&out, place->values[i] ? size : NULL_SIZE, 4);
        buffer_add(&out, place->values[i], size);
    }
    mac_of(key, key_size, out.data, out.size, mac);
    buffer_add(&out, mac, sizeof mac);
    return text_base64url(arena, out.data, out.size);
}

/* What is left to read of a token whose MAC is good. */
struct reader {
    const unsigned char *at;
    const unsigned char *end;
};

static bool take_number(struct reader *reader, size_t bytes, uint64_t *out_number)
{
    if ((size_t)(reader->end - reader->at) < bytes)
        return false;
    uint64_t number = 0;
    while (bytes--)
        number = number << 8 | *reader->at++;
    *out_number = number;
    return true;
}

static bool take_text(struct arena *arena, struct reader *reader, const char **out_text)
{
    uint64_t size;
    if (!take_number(reader, 4, &size))
        return false;
    *out_text = NULL;
    if (size == NULL_SIZE)
        return true;
    if (size > (size_t)(reader->end - reader->at))
        return false;
    *out_text = arena_copy(arena, reader->at, size);
    reader->at += size;
    return true;
}

static bool take_place(struct arena *arena, struct reader *reader, size_t wanted,
                       struct query_place *out_place)
{
    uint64_t count;
    if (!take_number(reader, 2, &count) || count != wanted)
        return false;
    const char **values = arena_array_of(arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        if (!take_text(arena, reader, &values[i]))
            return false;
    *out_place = (struct query_place){ values, count };
    return reader->at == reader->end;
}

struct problem *query_token_open(struct arena *arena, const void *key, size_t key_size,
                                 const char *token, const struct query *query,
                                 int64_t *out_snapshot, int64_t *out_remaining,
                                 struct query_place *out_place)
{
    static const char option[] = "skiptoken";
    unsigned char *data;
    size_t size;
    unsigned char mac[MAC_BYTES], hash[HASH_BYTES];
    if (!text_from_base64url(arena, token, strlen(token), &data, &size)
        || size < HEAD_BYTES + MAC_BYTES)
        return fault_new(arena, option, 0,
                         "this is no token of this server: use the next link as it was given");
    size -= MAC_BYTES;
    mac_of(key, key_size, data, size, mac);
    if (!text_equal_secret(mac, data + size, MAC_BYTES) || data[0] != VERSION)
        return fault_new(arena, option, 0,
                         "the token was not made by this server, or was changed: use the next "
                         "link as it was given");
    hash_of(arena, query, hash);
    if (memcmp(hash, data + 1, HASH_BYTES) != 0)
        return fault_new(arena, option, 0,
                         "the token belongs to another query: go on with the same select, filter "
                         "and orderby, or start anew without skiptoken");
    struct reader reader = { data + 1 + HASH_BYTES, data + size };
    uint64_t snapshot, remaining;
    struct query_place place;
    if (!take_number(&reader, 8, &snapshot) || !take_number(&reader, 8, &remaining)
        || !take_place(arena, &reader, query->places.count, &place))
        return fault_new(arena, option, 0,
                         "the token does not fit the dataset any more: start anew without it");
    *out_snapshot = (int64_t)snapshot;
    *out_remaining = (int64_t)remaining;
    *out_place = place;
    return NULL;
}
