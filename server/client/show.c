#include "show.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *show_text(struct arena *arena, const char *text)
{
    char *copy = arena_text(arena, text ? text : "");
    for (char *at = copy; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = ' ';
    /* the other set of controls, U+0080 to U+009F, is C2 80 to C2 9F */
    for (char *at = copy; (at = strchr(at, '\xc2')); at++)
        if ((unsigned char)at[1] >= 0x80 && (unsigned char)at[1] <= 0x9f)
            at[0] = at[1] = ' ';
    return copy;
}

const char *show_member(struct arena *arena, const json_t *object, const char *name)
{
    return show_text(arena, json_string_value(json_object_get(object, name)));
}

const char *show_value(struct arena *arena, const json_t *value)
{
    if (json_is_string(value))
        return show_text(arena, json_string_value(value));
    if (!value)
        return "";
    char *text = json_dumps(value, JSON_ENCODE_ANY);
    const char *copy = show_text(arena, text);
    free(text); /* of jansson, on the heap */
    return copy;
}

const char *show_count(struct arena *arena, int64_t number)
{
    const char *digits = arena_print(arena, "%lld", (long long)number);
    size_t size = strlen(digits);
    char *out = arena_alloc(arena, size * 2 + 1);
    char *end = out;
    for (size_t i = 0; i < size; i++) {
        if (i && (size - i) % 3 == 0 && digits[i - 1] != '-')
            *end++ = ',';
        *end++ = digits[i];
    }
    return out;
}

const char *show_bytes(struct arena *arena, int64_t bytes)
{
    static const char *const units[] = { "B", "KB", "MB", "GB", "TB", "PB", "EB" };
    double size = (double)bytes;
    size_t unit = 0;
    for (; size >= 1000 && unit < COUNT(units) - 1; unit++)
        size /= 1024;
    return arena_print(arena, unit && size < 10 ? "%.1f %s" : "%.0f %s", size, units[unit]);
}

const char *show_elapsed(struct arena *arena, int64_t ms)
{
    long long seconds = ms / 1000;
    if (ms < 10000)
        return arena_print(arena, "%.1f s", (double)ms / 1000);
    if (seconds < 60)
        return arena_print(arena, "%lld s", seconds);
    if (seconds < 3600)
        return arena_print(arena, "%lld:%02lld", seconds / 60, seconds % 60);
    return arena_print(arena, "%lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60,
                       seconds % 60);
}

int64_t show_number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (json_is_real(value) && fabs(json_real_value(value)) < 9e18)
        return (int64_t)json_real_value(value);
    return json_integer_value(value);
}

void show_json(const json_t *json)
{
    /* what cannot be written to standard output is no failure of the run */
    (void)json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
    (void)putchar('\n');
}
