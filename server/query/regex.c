#include "regex.h"

#include "server/base/buffer.h"
#include "server/model/column.h"

#include <stdlib.h>

/* What \d, \w and \s stand for; in Postgres they would depend on the locale. */
#define DIGITS "0-9"
#define WORDS "A-Za-z0-9_"
#define SPACES                                                                                     \
    " \\t\\n\\v\\f\\r\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"

CLEANUP_DEFINE(struct pattern *, pattern_free)

struct translation {
    const char *at;
    struct buffer out;
    bool repeated; /* a quantifier was the last thing written */
    const char *reason;
};

static bool refuse(struct translation *translation, const char *reason)
{
    translation->reason = reason;
    return false;
}

static void add(struct translation *translation, const char *text)
{
    buffer_add_text(&translation->out, text);
}

static void add_escaped(struct translation *translation, char c)
{
    buffer_add_char(&translation->out, '\\');
    buffer_add_char(&translation->out, c);
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* \x41 and \u0041, with the digits at hand. */
static bool add_code(struct translation *translation, int digits)
{
    const char *at = translation->at;
    for (int i = 0; i < digits; i++)
        if (!is_hex(at[i]))
            return refuse(translation, "\\x wants two, \\u four hexadecimal digits");
    if (digits == 4 && (at[0] == 'd' || at[0] == 'D') && at[1] >= '8')
        return refuse(translation, "halves of surrogate pairs do not stand for characters");
    add(translation, digits == 2 ? "\\u00" : "\\u");
    buffer_add(&translation->out, at, (size_t)digits);
    translation->at += digits;
    return true;
}

/* The sets of characters with a letter of their own; NULL: another escape. */
static const char *set_of(char letter)
{
    switch (letter | 0x20) {
    case 'd':
        return DIGITS;
    case 'w':
        return WORDS;
    case 's':
        return SPACES;
    default:
        return NULL;
    }
}

/* Behind a backslash, in brackets or not; sets and \b are done before. */
static bool add_escape(struct translation *translation)
{
    char c = *translation->at++;
    if (c == 'x' || c == 'u')
        return add_code(translation, c == 'x' ? 2 : 4);
    if (strchr("tnrfv0", c)
        || !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '1' && c <= '9')
             || (unsigned char)c >= 0x80)) {
        add_escaped(translation, c);
        return true;
    }
    if (c >= '1' && c <= '9')
        return refuse(translation, "references back to a group are not available");
    return refuse(translation, "an escape it uses is not available");
}

static bool add_outer_escape(struct translation *translation)
{
    char c = *translation->at;
    const char *set = set_of(c);
    if (set) {
        translation->at++;
        add(translation, c < 'a' ? "[^" : "[");
        add(translation, set);
        add(translation, "]");
        return true;
    }
    if (c == 'b' || c == 'B') {
        translation->at++;
        add(translation, c == 'b' ? "\\y" : "\\Y");
        return true;
    }
    return add_escape(translation);
}

static bool add_inner_escape(struct translation *translation)
{
    char c = *translation->at;
    const char *set = set_of(c);
    if (set && c < 'a')
        return refuse(translation, "\\D, \\W and \\S are not available in brackets");
    if (set || c == 'b') {
        translation->at++;
        add(translation, set ? set : "\\b");
        return true;
    }
    return add_escape(translation);
}

/* From [ to ]. An empty set matches nothing, its opposite everything. */
static bool add_set(struct translation *translation)
{
    bool negated = *translation->at == '^';
    translation->at += negated;
    if (*translation->at == ']') {
        translation->at++;
        add(translation, negated ? "(?:.)" : "(?!)");
        return true;
    }
    add(translation, negated ? "[^" : "[");
    while (*translation->at && *translation->at != ']') {
        char c = *translation->at++;
        if (c == '\\') {
            if (!add_inner_escape(translation))
                return false;
        } else if (c == '[') {
            add(translation, "\\["); /* [: and the like mean something in Postgres */
        } else {
            buffer_add_char(&translation->out, c);
        }
    }
    translation->at += *translation->at == ']';
    add(translation, "]");
    return true;
}

/* Behind (: which sort of group. */
static bool add_group(struct translation *translation)
{
    static const char *const sorts[] = { "?:", "?=", "?!", "?<=", "?<!" };
    if (*translation->at == '*')
        return refuse(translation, "nothing stands before a repetition");
    add(translation, "(");
    if (*translation->at != '?')
        return true;
    for (size_t i = 0; i < COUNT(sorts); i++)
        if (strncmp(translation->at, sorts[i], strlen(sorts[i])) == 0) {
            add(translation, sorts[i]);
            translation->at += strlen(sorts[i]);
            return true;
        }
    const char *end = strchr(translation->at, '>');
    if (translation->at[1] != '<' || !end)
        return refuse(translation, "a sort of group it uses is not available");
    translation->at = end + 1; /* (?<name>: the name is of no use here */
    return true;
}

/* {2}, {2,} or {2,3}; a brace that begins none of them stands for itself. */
static bool add_brace(struct translation *translation, bool *out_repeats)
{
    const char *at = translation->at;
    size_t low = strspn(at, "0123456789");
    size_t comma = low && at[low] == ',';
    size_t high = comma ? strspn(at + low + 1, "0123456789") : 0;
    *out_repeats = low && at[low + comma + high] == '}';
    if (!*out_repeats) {
        add(translation, "\\{");
        return true;
    }
    if (low > 3 || high > 3 || strtol(at, NULL, 10) > 255
        || (high && strtol(at + low + 1, NULL, 10) > 255))
        return refuse(translation, "a part may be repeated at most 255 times");
    add(translation, "{");
    buffer_add(&translation->out, at, low + comma + high + 1);
    translation->at += low + comma + high + 1;
    return true;
}

/* One piece; keeps in mind whether it repeats the one before. */
static bool add_piece(struct translation *translation)
{
    char c = *translation->at++;
    bool repeats = c == '*' || c == '+' || c == '?';
    bool was_repeated = translation->repeated;
    translation->repeated = false;
    switch (c) {
    case '\\':
        return add_outer_escape(translation);
    case '[':
        return add_set(translation);
    case '(':
        return add_group(translation);
    case '.':
        add(translation, "[^\\n\\r\\u2028\\u2029]");
        return true;
    case '}':
        add(translation, "\\}");
        return true;
    case '{':
        if (!add_brace(translation, &repeats))
            return false;
        break;
    default:
        buffer_add_char(&translation->out, c);
    }
    if (!repeats)
        return true;
    if (was_repeated)
        return refuse(translation, "a repetition cannot be repeated");
    if (*translation->at == '?') { /* as few as possible */
        translation->at++;
        add(translation, "?");
    }
    translation->repeated = true;
    return true;
}

const char *regex_translate(struct arena *arena, const char *pattern, const char **out_reason)
{
    size_t offset;
    if (strlen(pattern) > REGEX_BYTES_MAX) {
        *out_reason = "it is longer than 1000 bytes";
        return NULL;
    }
    CLEANUP(pattern_free_at)
    struct pattern *checked = pattern_new(arena, pattern, out_reason, &offset);
    if (!checked)
        return NULL;
    struct translation translation = { .at = pattern };
    while (*translation.at && add_piece(&translation))
        continue;
    const char *text = arena_copy(arena, translation.out.data, translation.out.size);
    buffer_clear(&translation.out);
    *out_reason = translation.reason;
    return translation.reason ? NULL : text;
}
