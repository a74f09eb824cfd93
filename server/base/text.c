#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that must follow a lead byte, with the range of the first of them; 0 where it is no lead.
 */
struct lead {
    int follow;
    unsigned char low;
    unsigned char high;
};

static struct lead lead_of(unsigned char byte)
{
    if (byte >= 0xC2 && byte <= 0xDF)
        return (struct lead){ 1, 0x80, 0xBF };
    if (byte == 0xE0)
        return (struct lead){ 2, 0xA0, 0xBF };
    if (byte == 0xED)
        return (struct lead){ 2, 0x80, 0x9F };
    if (byte >= 0xE1 && byte <= 0xEF)
        return (struct lead){ 2, 0x80, 0xBF };
    if (byte == 0xF0)
        return (struct lead){ 3, 0x90, 0xBF };
    if (byte >= 0xF1 && byte <= 0xF3)
        return (struct lead){ 3, 0x80, 0xBF };
    if (byte == 0xF4)
        return (struct lead){ 3, 0x80, 0x8F };
    return (struct lead){ 0, 0, 0 };
}

bool text_is_utf8(const char *data, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)data;
    size_t i = 0;
    while (i < size) {
        uint64_t eight;
        if (size - i >= sizeof eight) {
            memcpy(&eight, bytes + i, sizeof eight);
            if (!(eight & UINT64_C(0x8080808080808080))) {
                i += sizeof eight;
                continue;
            }
        }
        if (bytes[i] < 0x80) {
            i++;
            continue;
        }
        struct lead lead = lead_of(bytes[i]);
        if (!lead.follow || size - i <= (size_t)lead.follow || bytes[i + 1] < lead.low
            || bytes[i + 1] > lead.high)
            return false;
        for (int k = 2; k <= lead.follow; k++)
            if ((bytes[i + (size_t)k] & 0xC0) != 0x80)
                return false;
        i += (size_t)lead.follow + 1;
    }
    return true;
}

bool text_is_name(const char *text)
{
    size_t size = strlen(text);
    if (size < 1 || size > 48 || text[0] < 'a' || text[0] > 'z')
        return false;
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == size;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_equal_caseless(const char *left, const char *right)
{
    while (*left && lower(*left) == lower(*right)) {
        left++;
        right++;
    }
    return lower(*left) == lower(*right);
}

bool text_equal_secret(const void *left, const void *right, size_t size)
{
    const unsigned char *a = left;
    const unsigned char *b = right;
    volatile uint64_t difference = 0; /* never looked at before the end */
    uint64_t words[2];
    for (; size >= sizeof *words; size -= sizeof *words) {
        memcpy(&words[0], a, sizeof *words);
        memcpy(&words[1], b, sizeof *words);
        difference = difference | (words[0] ^ words[1]);
        a += sizeof *words;
        b += sizeof *words;
    }
    for (; size; size--)
        difference = difference | (uint64_t)(*a++ ^ *b++);
    return difference == 0;
}

bool text_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

void text_hex(const void *data, size_t size, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * size] = '\0';
}

static const char base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *text_base64url(struct arena *arena, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    char *out = arena_alloc(arena, (size + 2) / 3 * 4 + 1);
    char *to = out;
    uint32_t bits = 0;
    int held = 0;
    for (size_t i = 0; i < size; i++) {
        bits = bits << 8 | bytes[i];
        for (held += 8; held >= 6; held -= 6)
            *to++ = base64url_digits[bits >> (held - 6) & 63];
    }
    if (held)
        *to++ = base64url_digits[bits << (6 - held) & 63];
    return out;
}

static int base64url_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool text_from_base64url(struct arena *arena, const char *text, size_t length,
                         unsigned char **out_data, size_t *out_size)
{
    if (length % 4 == 1)
        return false;
    unsigned char *out = arena_alloc(arena, length / 4 * 3 + 4);
    size_t size = 0;
    uint32_t bits = 0;
    int held = 0;
    for (size_t i = 0; i < length; i++) {
        int value = base64url_value(text[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[size++] = (unsigned char)(bits >> held & 255);
        }
    }
    if (bits & ((1U << held) - 1)) /* two encodings of one value must not both pass */
        return false;
    *out_data = out;
    *out_size = size;
    return true;
}

char *text_percent_encode(struct arena *arena, const char *text)
{
    char *out = arena_alloc(arena, arena_array_bytes(strlen(text), 3) + 1);
    char *to = out;
    for (; *text; text++) {
        char c = *text;
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || strchr("-._~", c)) {
            *to++ = c;
        } else {
            *to++ = '%';
            text_hex(&c, 1, to);
            to += 2;
        }
    }
    return out;
}

bool text_to_int64(const char *text, int64_t *out_value)
{
    const char *digits = text[0] == '-' ? text + 1 : text;
    if (!*digits || strspn(digits, "0123456789") != strlen(digits))
        return false;
    errno = 0;
    long long value = strtoll(text, NULL, 10);
    if (errno)
        return false;
    *out_value = value;
    return true;
}

char **text_split(struct arena *arena, const char *text, const char *separators)
{
    char **words = arena_array_of(arena, char *, strlen(text) / 2 + 2);
    size_t count = 0;
    while (*(text += strspn(text, separators))) {
        size_t length = strcspn(text, separators);
        words[count++] = arena_copy(arena, text, length);
        text += length;
    }
    return words;
}
