#include "scalar.h"

#include "version.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
static const char *const trues[] = { "true", "True", "TRUE", NULL };
static const char *const falses[] = { "false", "False", "FALSE", NULL };
static const char *const not_finite[] = { ".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN", NULL };

static bool is_one_of(const char *text, const char *const *words)
{
    while (*words && strcmp(text, *words) != 0)
        words++;
    return *words != NULL;
}

static size_t digits_at(const char *text)
{
    return strspn(text, "0123456789");
}

/* A decimal number by the core schema, without its sign: 12, 1.5, .5, 1., 1e3. */
static bool is_decimal(const char *text)
{
    size_t whole = digits_at(text);
    text += whole;
    if (*text == '.') {
        size_t fraction = digits_at(++text);
        text += fraction;
        if (!whole && !fraction)
            return false;
    } else if (!whole) {
        return false;
    }
    if (*text == 'e' || *text == 'E') {
        text++;
        if (*text == '+' || *text == '-')
            text++;
        if (!digits_at(text))
            return false;
        text += digits_at(text);
    }
    return !*text;
}

/* 0x1F and 0o17 have no sign. Gives the base, or 0. */
static int base_of(const char *text)
{
    if (text[0] != '0' || !text[1] || !text[2])
        return 0;
    if (text[1] == 'x' && strspn(text + 2, "0123456789abcdefABCDEF") == strlen(text + 2))
        return 16;
    if (text[1] == 'o' && strspn(text + 2, "01234567") == strlen(text + 2))
        return 8;
    return 0;
}

/* JSON wants a digit on both sides of the point, no leading zeros and no plus before a number. */
static const char *json_number(struct arena *arena, bool negative, const char *text)
{
    while (text[0] == '0' && text[1] >= '0' && text[1] <= '9')
        text++;
    size_t whole = digits_at(text);
    const char *point = text[whole] == '.' ? text + whole + 1 : text + whole;
    size_t fraction = text[whole] == '.' ? digits_at(point) : 0;
    return arena_print(arena, "%s%s%.*s%s%.*s%s%s", negative ? "-" : "", whole ? "" : "0",
                       (int)whole, text, text[whole] == '.' ? "." : "", (int)fraction, point,
                       text[whole] == '.' && !fraction ? "0" : "", point + fraction);
}

bool scalar_number_is_kept(const char *number)
{
    return strlen(number) <= SCALAR_NUMBER_BYTES && isfinite(strtod(number, NULL));
}

static bool resolve_number(struct arena *arena, const char *text, struct node *node)
{
    const char *unsigned_text = *text == '-' || *text == '+' ? text + 1 : text;
    node->kind = NODE_NUMBER;
    if (is_one_of(unsigned_text, not_finite) || strlen(text) > SCALAR_NUMBER_BYTES)
        return false;
    int base = base_of(text);
    if (base) {
        if (strlen(text) > (base == 16 ? 17 : 22)) /* more than 63 bits: nobody can use it */
            return false;
        node->text = arena_print(arena, "%llu", strtoull(text + 2, NULL, base));
    } else {
        node->text = json_number(arena, *text == '-', unsigned_text);
    }
    return scalar_number_is_kept(node->text);
}

static bool is_number(const char *text)
{
    const char *unsigned_text = *text == '-' || *text == '+' ? text + 1 : text;
    return base_of(text) || is_decimal(unsigned_text) || is_one_of(unsigned_text, not_finite);
}

bool scalar_resolve(struct arena *arena, const char *text, struct node *node)
{
    if (is_one_of(text, nulls)) {
        node->kind = NODE_NULL;
    } else if (is_one_of(text, trues) || is_one_of(text, falses)) {
        node->kind = NODE_BOOL;
        node->truth = is_one_of(text, trues);
    } else if (is_number(text)) {
        return resolve_number(arena, text, node);
    } else {
        node->kind = NODE_TEXT;
        node->text = arena_text(arena, text);
    }
    return true;
}

bool scalar_needs_quotes(const char *text)
{
    static const char *const old_words[] = { "y", "n", "yes", "no", "on", "off", "<<", "=", NULL };
    char lower[8] = { 0 };
    for (size_t i = 0; text[i] && i < sizeof lower - 1; i++)
        lower[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
    if (is_one_of(text, nulls) || is_one_of(text, trues) || is_one_of(text, falses)
        || is_number(text) || (strlen(text) < sizeof lower && is_one_of(lower, old_words)))
        return true;
    struct version version;
    if (version_parse(text, &version)) /* 1.0.0 is text for everybody */
        return false;
    /* dates, times, 1_000, 0b1 and whatever else begins as a number */
    const char *unsigned_text = *text == '-' || *text == '+' || *text == '.' ? text + 1 : text;
    return *unsigned_text >= '0' && *unsigned_text <= '9';
}
