#include "arena.h"

#include "text.h"

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct block {
    struct block *older;
    size_t size;
    size_t used;
    alignas(max_align_t) unsigned char data[];
};

struct arena {
    struct block *newest;
    size_t block_bytes;
};

/* Sizes are whole multiples of the strictest alignment, so that what follows is aligned too. */
static size_t round_up(size_t size)
{
    const size_t align = alignof(max_align_t);
    return (size + align - 1) & ~(align - 1);
}

static struct block *block_new(struct block *older, size_t size)
{
    struct block *block = malloc(sizeof *block + size);
    if (!block)
        abort();
    block->older = older;
    block->size = size;
    block->used = 0;
    return block;
}

struct arena *arena_new(size_t block_bytes)
{
    struct arena *arena = malloc(sizeof *arena);
    if (!arena)
        abort();
    arena->block_bytes = block_bytes;
    arena->newest = block_new(NULL, block_bytes);
    return arena;
}

static void free_until(struct arena *arena, const struct block *last)
{
    while (arena->newest != last) {
        struct block *older = arena->newest->older;
        free(arena->newest);
        arena->newest = older;
    }
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    free_until(arena, NULL);
    free(arena);
}

void arena_reset(struct arena *arena)
{
    struct block *first = arena->newest;
    while (first->older)
        first = first->older;
    free_until(arena, first);
    first->used = 0;
}

/* Memory that is not cleared: for what is written over at once. */
static void *take(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        abort();
    size_t rounded = round_up(size);
    if (rounded > arena->newest->size - arena->newest->used) {
        size_t block_bytes = rounded > arena->block_bytes ? rounded : arena->block_bytes;
        arena->newest = block_new(arena->newest, block_bytes);
    }
    void *memory = arena->newest->data + arena->newest->used;
    arena->newest->used += rounded;
    return memory;
}

size_t arena_held_bytes(const struct arena *arena)
{
    size_t held = sizeof *arena;
    for (const struct block *block = arena->newest; block; block = block->older)
        held += sizeof *block + block->size;
    return held;
}

size_t arena_array_bytes(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        abort();
    return bytes;
}

void *arena_grown(struct arena *arena, void *list, size_t count, size_t size)
{
    const size_t first = 16;
    bool full = count == 0 || (count >= first && (count & (count - 1)) == 0);
    if (!full)
        return list;
    void *larger = arena_alloc(arena, arena_array_bytes(count ? 2 * count : first, size));
    return count ? memcpy(larger, list, count * size) : larger;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(take(arena, size), 0, size);
}

char *arena_copy(struct arena *arena, const void *data, size_t size)
{
    char *copy = take(arena, size + 1);
    if (size)
        memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}

char *arena_text(struct arena *arena, const char *text)
{
    return text ? arena_copy(arena, text, strlen(text)) : NULL;
}

char *arena_join_list(struct arena *arena, const char *const *texts)
{
    size_t size = 0;
    for (size_t i = 0; texts[i]; i++)
        size += strlen(texts[i]);
    char *joined = take(arena, size + 1);
    char *at = joined;
    for (size_t i = 0; texts[i]; i++) {
        size_t part = strlen(texts[i]);
        memcpy(at, texts[i], part);
        at += part;
    }
    *at = '\0';
    return joined;
}

char *arena_int64(struct arena *arena, int64_t number)
{
    char digits[24];
    char *end = digits + sizeof digits;
    char *at = end;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do
        *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (number < 0)
        *--at = '-';
    return arena_copy(arena, at, (size_t)(end - at));
}

char *arena_vprint(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    /* most texts are short: printed where they will stay, in one pass */
    struct block *block = arena->newest;
    size_t room = block->size - block->used;
    int size = vsnprintf((char *)block->data + block->used, room, format, arguments);
    assert(size >= 0);
    char *text = (char *)block->data + block->used;
    if ((size_t)size < room) {
        size_t rounded = round_up((size_t)size + 1);
        block->used += rounded < room ? rounded : room;
    } else {
        text = take(arena, (size_t)size + 1);
        (void)vsnprintf(text, (size_t)size + 1, format, again); /* the size is known to fit */
    }
    va_end(again);
    return text;
}

char *arena_print(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_vprint(arena, format, arguments);
    va_end(arguments);
    return text;
}

char *arena_hex(struct arena *arena, const void *data, size_t size)
{
    char *hex = arena_alloc(arena, arena_array_bytes(size, 2) + 1);
    text_hex(data, size, hex);
    return hex;
}
