/*
 * Literals: how values stand in a query, as OData writes them.
 *
 * literal_scan finds out by its shape what begins at a place; literal_read gives the value of a
 * whole text, and is also what reads quoted text where a date, a uuid or the like is wanted.
 * No state; values in the caller's arena.
 */
#ifndef ENTREPOT_QUERY_LITERAL_H
#define ENTREPOT_QUERY_LITERAL_H

#include "value.h"

/** The length of the number, date, time, timestamp or uuid that begins text by its shape, and its
 *  type; 0 where none does. Whole numbers have type VALUE_INTEGER even where they are too large. */
size_t literal_scan(const char *text, enum value_type *out_type);

/**
 * Read size bytes as a literal of a type.
 *
 * Takes   type: a whole number too large for 64 bits is read as VALUE_DECIMAL.
 * Fails   by false, with what would be right in *out_reason (a sentence part for a message).
 */
bool literal_read(struct arena *arena, enum value_type type, const char *text, size_t size,
                  struct value *out_value, const char **out_reason);

/** Undo the quotes of a text literal: size bytes between its quotes, '' becomes '. */
const char *literal_unquote(struct arena *arena, const char *text, size_t size, size_t *out_size);

#endif
