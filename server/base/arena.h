/*
 * One arena per request (or per start-up, or per row of a loop): every allocation of ours.
 *
 * The arena owns all it hands out; nothing is freed alone, arena_reset and arena_free drop it
 * whole. Running out of memory aborts: limits at the edge keep a request from getting there. An
 * arena belongs to one thread at a time.
 */
#ifndef ENTREPOT_BASE_ARENA_H
#define ENTREPOT_BASE_ARENA_H

#include "cleanup.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/** Takes block_bytes: size of its blocks; larger requests get a block of their own. */
struct arena *arena_new(size_t block_bytes);
void arena_free(struct arena *arena);

/** Drop everything but the first block, which is kept for reuse. */
void arena_reset(struct arena *arena);

/** Bytes held from the heap, for tests and limits. */
size_t arena_held_bytes(const struct arena *arena);

/** Gives size zeroed bytes, aligned for any type. Never NULL. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, returns_nonnull));

/** Gives a copy of size bytes with a NUL behind it. */
char *arena_copy(struct arena *arena, const void *data, size_t size);

/** Gives a copy of text; NULL stays NULL. */
char *arena_text(struct arena *arena, const char *text);

/** Gives the formatted text. */
char *arena_print(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
char *arena_vprint(struct arena *arena, const char *format, va_list arguments) PRINTF_LIKE(2, 0);

/** Gives the texts one behind the other: what needs no format is joined several times faster. */
char *arena_join_list(struct arena *arena, const char *const *texts);
#define arena_join(arena, ...) arena_join_list((arena), (const char *const[]){ __VA_ARGS__, NULL })

/** Gives the decimal digits of a number, as fast. */
char *arena_int64(struct arena *arena, int64_t number);

/** Gives lower-case hexadecimal of size bytes. */
char *arena_hex(struct arena *arena, const void *data, size_t size);

/** One zeroed value, or an array of them, of a type. */
#define arena_new_of(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define arena_array_of(arena, type, count)                                                         \
    ((type *)arena_alloc((arena), arena_array_bytes((count), sizeof(type))))

/**
 * Room for one more at the end of a list that only grows.
 *
 * Takes   list: what this gave before, or NULL; count: items in it; size: of an item.
 * Gives   the list, or a larger copy of it. The room follows from count, so nobody keeps a
 * capacity.
 */
void *arena_grown(struct arena *arena, void *list, size_t count, size_t size);

/** count × size; aborts on overflow. */
size_t arena_array_bytes(size_t count, size_t size);

CLEANUP_DEFINE(struct arena *, arena_free)

#endif
