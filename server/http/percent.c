#include "percent.h"

#include "server/base/text.h"

#include <string.h>

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

struct problem *percent_decode(struct arena *arena, const char *what, const char *text, size_t size,
                               char **out_text)
{
    char *decoded = arena_alloc(arena, size + 1);
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] != '%') {
            decoded[length++] = text[i];
            continue;
        }
        int high = size - i > 2 ? hex_value(text[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text[i + 2]) : -1;
        if (low < 0)
            return problem_new(arena, &PROBLEM_BAD_REQUEST,
                               "the %s has a %% that is not followed by two hexadecimal digits; "
                               "write a plain %% as %%25",
                               what);
        if (!high && !low)
            return problem_new(arena, &PROBLEM_BAD_REQUEST,
                               "the %s has a %%00: no text here may have a NUL in it", what);
        decoded[length++] = (char)(high << 4 | low);
        i += 2;
    }
    if (!text_is_utf8(decoded, length))
        return problem_new(arena, &PROBLEM_BAD_REQUEST,
                           "the %s is not UTF-8: encode its text so before it is percent-encoded",
                           what);
    *out_text = decoded;
    return NULL;
}

/* Could a writer of forms have made it? */
static bool is_of_form(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && !strchr("*-._~+%", c))
            return false;
    }
    return !memmem(text, size, "%20", 3);
}

struct problem *percent_decode_option(struct arena *arena, const char *text, size_t size,
                                      char **out_text)
{
    if (!memchr(text, '+', size) || !is_of_form(text, size))
        return percent_decode(arena, "query", text, size, out_text);
    char *copy = arena_copy(arena, text, size);
    for (size_t i = 0; i < size; i++)
        if (copy[i] == '+')
            copy[i] = ' ';
    return percent_decode(arena, "query", copy, size, out_text);
}
