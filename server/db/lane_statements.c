#include "lane_statements.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lane_statements *lane_statements_new(void)
{
    struct lane_statements *statements = calloc(1, sizeof *statements);
    if (!statements)
        abort();
    lane_statements_clear(statements);
    return statements;
}

static void clear_one(struct lane_statement *statement)
{
    free(statement->text);
    free(statement->types);
    *statement = (struct lane_statement){ 0 };
}

void lane_statements_clear(struct lane_statements *statements)
{
    for (int i = 0; i < statements->count; i++)
        clear_one(&statements->list[i]);
    statements->count = 0;
    statements->last_number = 0;
    statements->drop_count = 0;
    memset(statements->buckets, 0xff, sizeof statements->buckets); /* -1 each */
}

void lane_statements_free(struct lane_statements *statements)
{
    if (!statements)
        return;
    lane_statements_clear(statements);
    free(statements);
}

/* FNV-1a, eight bytes at a time: texts are a few hundred bytes and hashed on every send. */
static uint64_t hash_of(const char *text, size_t size, const struct params *params)
{
    const uint64_t prime = UINT64_C(0x100000001b3);
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ size;
    for (; size >= sizeof hash; size -= sizeof hash, text += sizeof hash) {
        uint64_t word;
        memcpy(&word, text, sizeof word);
        hash = (hash ^ word) * prime;
        hash ^= hash >> 29; /* the high bits of a word must reach the low bits of the hash */
    }
    for (; size; size--, text++)
        hash = (hash ^ (unsigned char)*text) * prime;
    for (int i = 0; i < params->count; i++)
        hash = (hash ^ params->types[i]) * prime;
    return hash ^ hash >> 32;
}

static bool is_same(const struct lane_statement *statement, uint64_t hash, const char *text,
                    const struct params *params)
{
    return statement->hash == hash && statement->type_count == params->count
           && strcmp(statement->text, text) == 0
           && (!params->count
               || memcmp(statement->types, params->types, (size_t)params->count * sizeof(Oid))
                      == 0);
}

static int *bucket_of(struct lane_statements *statements, uint64_t hash)
{
    return &statements->buckets[hash % LANE_STATEMENTS];
}

static void unlink_one(struct lane_statements *statements, int index)
{
    int *link = bucket_of(statements, statements->list[index].hash);
    while (*link != index)
        link = &statements->list[*link].next;
    *link = statements->list[index].next;
}

/* The place of the one not used for longest, or -1. Looked for only when a new text comes. */
static int make_room(struct lane_statements *statements)
{
    if (statements->count < LANE_STATEMENTS)
        return statements->count++;
    if (statements->drop_count == LANE_DROPS)
        return -1;
    int oldest = -1;
    for (int i = 0; i < LANE_STATEMENTS; i++) {
        const struct lane_statement *statement = &statements->list[i];
        if (!statement->flights && (oldest < 0 || statement->used < statements->list[oldest].used))
            oldest = i;
    }
    if (oldest >= 0) {
        unlink_one(statements, oldest);
        lane_statements_expire(statements, &statements->list[oldest], true);
        clear_one(&statements->list[oldest]);
    }
    return oldest;
}

static void *copy(const void *data, size_t size)
{
    void *copied = malloc(size ? size : 1);
    if (!copied)
        abort();
    return size ? memcpy(copied, data, size) : copied;
}

struct lane_statement *lane_statements_find(struct lane_statements *statements, const char *text,
                                            const struct params *params)
{
    size_t size = strlen(text);
    uint64_t hash = hash_of(text, size, params);
    for (int i = *bucket_of(statements, hash); i >= 0; i = statements->list[i].next) {
        if (is_same(&statements->list[i], hash, text, params)) {
            statements->list[i].used = ++statements->uses;
            return &statements->list[i];
        }
    }
    int place = make_room(statements);
    if (place < 0)
        return NULL;
    struct lane_statement *statement = &statements->list[place];
    statement->hash = hash;
    statement->text = copy(text, size + 1);
    statement->types = copy(params->types, (size_t)params->count * sizeof(Oid));
    statement->type_count = params->count;
    statement->used = ++statements->uses;
    statement->next = *bucket_of(statements, hash);
    *bucket_of(statements, hash) = place;
    return statement;
}

void lane_statements_number(struct lane_statements *statements, struct lane_statement *statement)
{
    statement->number = ++statements->last_number;
}

void lane_statements_expire(struct lane_statements *statements, struct lane_statement *statement,
                            bool exists)
{
    if (exists && statement->number && statements->drop_count < LANE_DROPS)
        statements->drops[statements->drop_count++] = statement->number;
    statement->number = 0;
}

uint32_t lane_statements_next_drop(struct lane_statements *statements)
{
    return statements->drop_count ? statements->drops[--statements->drop_count] : 0;
}

const char *lane_statements_name(uint32_t number, char out_name[LANE_NAME_BYTES])
{
    (void)snprintf(out_name, LANE_NAME_BYTES, "l%u", number); /* at most 11 letters */
    return out_name;
}
