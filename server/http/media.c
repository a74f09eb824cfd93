#include "media.h"

#include "server/base/text.h"

#include <string.h>
#include <strings.h>

/* The end of the part that begins at `at`: the next separator outside of quotes, or the end. */
static const char *part_end(const char *at, char separator)
{
    bool quoted = false;
    for (; *at && (quoted || *at != separator); at++) {
        if (quoted && *at == '\\' && at[1])
            at++;
        else if (*at == '"')
            quoted = !quoted;
    }
    return at;
}

/* The part between two places without the blanks around it. */
static char *trimmed(struct arena *arena, const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return arena_copy(arena, at, (size_t)(end - at));
}

static bool is_token(const char *text)
{
    for (const char *c = text; *c; c++)
        if (*c <= ' ' || *c > '~' || strchr("\"(),/:;<=>?@[\\]{}", *c))
            return false;
    return *text != '\0';
}

/* Thousandths of 0, 0.5, 0.125, 1, 1.000; -1 for anything else. */
static int read_quality(const char *text)
{
    size_t size = strlen(text);
    if (!size || size > 5 || (text[0] != '0' && text[0] != '1') || (size > 1 && text[1] != '.'))
        return -1;
    int quality = (text[0] - '0') * 1000;
    int unit = 100;
    for (const char *c = text + 2; size > 1 && *c; c++, unit /= 10) {
        if (*c < '0' || *c > '9')
            return -1;
        quality += (*c - '0') * unit;
    }
    return quality > 1000 ? -1 : quality;
}

/* Quotes around a value mean the same as none. */
static void unquote(char *value)
{
    size_t size = strlen(value);
    if (size < 2 || value[0] != '"' || value[size - 1] != '"')
        return;
    char *to = value;
    for (const char *from = value + 1; from < value + size - 1; from++) {
        from += *from == '\\' && from + 1 < value + size - 1;
        *to++ = *from;
    }
    *to = '\0';
}

/* ;name=value;… ; false when they are not well formed. */
static bool read_parameters(struct arena *arena, const char *at, struct media_range *range)
{
    size_t capacity = 0;
    for (const char *c = at; *c; c++)
        capacity += *c == ';';
    struct media_parameter *list = arena_array_of(arena, struct media_parameter, capacity);
    range->parameters = list;
    while (*at) {
        const char *end = part_end(at + 1, ';'); /* at is a semicolon */
        char *name = trimmed(arena, at + 1, end);
        at = end;
        if (!*name)
            continue;
        char *equals = strchr(name, '=');
        char *value =
            equals ? trimmed(arena, equals + 1, equals + strlen(equals)) : name + strlen(name);
        name = trimmed(arena, name, equals ? equals : name + strlen(name));
        if (!is_token(name))
            return false;
        if (text_equal_caseless(name, "q")) {
            range->quality = read_quality(value);
            continue;
        }
        unquote(value);
        list[range->parameter_count++] = (struct media_parameter){ name, value };
    }
    return range->quality >= 0;
}

static bool read_range(struct arena *arena, const char *text, struct media_range *out_range)
{
    const char *stop = part_end(text, ';');
    struct media_range range = { .type = trimmed(arena, text, stop), .quality = 1000 };
    const char *slash = strchr(range.type, '/');
    if (!slash || !is_token(slash + 1)
        || !is_token(arena_copy(arena, range.type, (size_t)(slash - range.type))))
        return false;
    if (!read_parameters(arena, stop, &range))
        return false;
    *out_range = range;
    return true;
}

const struct media_range *media_ranges(struct arena *arena, const char *accept, size_t *out_count)
{
    size_t capacity = 1;
    for (const char *c = accept ? accept : ""; *c; c++)
        capacity += *c == ',';
    struct media_range *list = arena_array_of(arena, struct media_range, capacity);
    size_t count = 0;
    for (const char *at = accept ? accept : ""; *at;) {
        const char *end = part_end(at, ',');
        if (read_range(arena, trimmed(arena, at, end), &list[count]))
            count++;
        at = end + (*end == ',');
    }
    *out_count = count;
    return list;
}

int media_exactness(const struct media_range *range, const char *media_type)
{
    size_t half = strcspn(media_type, "/") + 1;
    if (strcmp(range->type, "*/*") == 0)
        return 1;
    if (strncasecmp(range->type, media_type, half) != 0)
        return 0;
    if (strcmp(range->type + half, "*") == 0)
        return 2;
    return text_equal_caseless(range->type, media_type) ? 3 : 0;
}
