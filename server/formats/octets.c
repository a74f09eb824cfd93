#include "octets.h"

#include "server/base/text.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void octets_write_base64(struct buffer *out, const char *data, size_t size)
{
    const unsigned char *from = (const unsigned char *)data;
    char *to = buffer_room(out, (size + 2) / 3 * 4);
    for (; size >= 3; size -= 3, from += 3) {
        *to++ = digits[from[0] >> 2];
        *to++ = digits[(from[0] & 3U) << 4 | from[1] >> 4];
        *to++ = digits[(from[1] & 15U) << 2 | from[2] >> 6];
        *to++ = digits[from[2] & 63];
    }
    if (size) {
        unsigned second = size == 2 ? from[1] : 0;
        *to++ = digits[from[0] >> 2];
        *to++ = digits[(from[0] & 3U) << 4 | second >> 4];
        *to++ = size == 2 ? digits[(second & 15U) << 2] : '=';
        *to++ = '=';
    }
    out->size = (size_t)(to - out->data);
}

static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

const char *octets_read_base64(struct buffer *out, const char *text, size_t size)
{
    if (size % 4)
        return "is no base64: its length is no multiple of four";
    size_t start = out->size;
    if (size && text[size - 1] == '=')
        size -= text[size - 2] == '=' ? 2 : 1;
    char *to = buffer_room(out, size / 4 * 3 + 3);
    uint32_t bits = 0;
    int held = 0;
    for (size_t i = 0; i < size; i++) {
        int value = digit_value(text[i]);
        if (value < 0)
            return "is no base64: it has a character that does not belong there";
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held < 8)
            continue;
        held -= 8;
        *to++ = (char)(unsigned char)(bits >> held & 255);
    }
    if (bits & ((1U << held) - 1)) /* two texts of one value must not both pass */
        return "is no base64: its last character has bits that mean nothing";
    out->size = start + (size_t)(to - (out->data + start));
    return NULL;
}

char *octets_write_uuid(char *to, const char *data)
{
    char hex[2 * OCTETS_UUID + 1];
    text_hex(data, OCTETS_UUID, hex);
    static const int groups[] = { 8, 4, 4, 4, 12 };
    const char *from = hex;
    for (size_t i = 0; i < COUNT(groups); i++) {
        if (i)
            *to++ = '-';
        memcpy(to, from, (size_t)groups[i]);
        to += groups[i];
        from += groups[i];
    }
    return to;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

const char *octets_read_uuid(const char *text, size_t size, char *to)
{
    static const char shape[] = "is no UUID as 01234567-89ab-cdef-0123-456789abcdef";
    if (size != OCTETS_UUID_TEXT)
        return shape;
    for (size_t i = 0; i < size;) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i++] != '-')
                return shape;
            continue;
        }
        int high = hex_value(text[i]);
        int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0)
            return shape;
        *to++ = (char)(unsigned char)(high << 4 | low);
        i += 2;
    }
    return NULL;
}
