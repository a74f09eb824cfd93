#include "shape.h"

#include "server/base/buffer.h"
#include "server/base/clock.h"
#include "server/base/text.h"

#include <ctype.h>
#include <string.h>

const char *shape_words(struct arena *arena, const char *const *words)
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    for (size_t i = 0; words[i]; i++) {
        if (i)
            buffer_add_text(&text, words[i + 1] ? ", " : " or ");
        buffer_add_text(&text, words[i]);
    }
    return arena_copy(arena, text.data, text.size);
}

/* RFC 3986: a scheme and something behind it, all in visible ASCII or above. */
static bool is_uri(const char *text)
{
    if (!isalpha((unsigned char)*text))
        return false;
    const char *end = text;
    while (isalnum((unsigned char)*end) || (*end && strchr("+-.", *end)))
        end++;
    if (*end != ':' || !end[1])
        return false;
    for (const char *byte = text; *byte; byte++)
        if ((unsigned char)*byte <= ' ' || *byte == 0x7f || strchr("\"<>\\^`{|}", *byte))
            return false;
    return true;
}

/* Read digits digits as a number and step over them and over the byte after. */
static bool take_number(const char **text, int digits, char after, int *out_number)
{
    int number = 0;
    for (int i = 0; i < digits; i++) {
        if (!isdigit((unsigned char)(*text)[i]))
            return false;
        number = number * 10 + ((*text)[i] - '0');
    }
    *text += digits;
    *out_number = number;
    return !after || *(*text)++ == after;
}

static bool take_date(const char **text)
{
    int year, month, day;
    return take_number(text, 4, '-', &year) && take_number(text, 2, '-', &month)
           && take_number(text, 2, 0, &day) && clock_is_date(year, month, day);
}

static bool take_zone(const char *text)
{
    int hour, minute;
    if (*text == 'Z' || *text == 'z')
        return !text[1];
    if (*text != '+' && *text != '-')
        return false;
    text++;
    return take_number(&text, 2, ':', &hour) && take_number(&text, 2, 0, &minute) && hour < 24
           && minute < 60 && !*text;
}

bool shape_is_date(const char *text)
{
    return take_date(&text) && !*text;
}

/* Step over 17:31:04 and a fraction, if any. */
static bool take_time(const char **text)
{
    int hour, minute, second;
    if (!take_number(text, 2, ':', &hour) || !take_number(text, 2, ':', &minute)
        || !take_number(text, 2, 0, &second) || hour > 23 || minute > 59 || second > 60)
        return false;
    if (**text != '.')
        return true;
    size_t digits = strspn(*text + 1, "0123456789");
    *text += 1 + digits;
    return digits > 0;
}

bool shape_is_time(const char *text)
{
    return take_time(&text) && !*text;
}

bool shape_is_instant(const char *text)
{
    if (!take_date(&text) || (*text != 'T' && *text != 't'))
        return false;
    text++;
    return take_time(&text) && take_zone(text);
}

static bool is_stable_id(const char *text)
{
    size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    return size && !text[size];
}

bool shape_is_id(const char *text)
{
    size_t size =
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._~:-");
    return size >= 1 && size <= 200 && !text[size];
}

/* Add the fault that value is of another kind than wanted. */
static void fault_kind(const struct node *value, const char *wanted, struct faults *faults)
{
    if (value->kind == NODE_NULL)
        node_fault(faults, value, "has no value; it must be %s", wanted);
    else if (strcmp(wanted, "text") == 0 && value->kind == NODE_NUMBER)
        node_fault(faults, value, "must be text, not a number; write \"%s\", with the quotes",
                   value->text);
    else if (strcmp(wanted, "text") == 0 && value->kind == NODE_BOOL)
        node_fault(faults, value, "must be text; put it in quotes");
    else
        node_fault(faults, value, "must be %s, not %s", wanted, node_kind_name(value->kind));
}

static void check_text(const struct shape_member *member, const struct node *value,
                       struct faults *faults)
{
    if (value->kind != NODE_TEXT) {
        fault_kind(value, "text", faults);
        return;
    }
    const char *const *allowed = member->allowed;
    while (allowed && *allowed && strcmp(*allowed, value->text) != 0)
        allowed++;
    if (allowed && !*allowed)
        node_fault(faults, value, "\"%s\" is not known here; allowed: %s", value->text,
                   shape_words(faults->arena, member->allowed));
    else if (member->kind == SHAPE_URI && !is_uri(value->text))
        node_fault(faults, value, "must be a URI with its scheme, such as https://example.org/x");
    else if (member->kind == SHAPE_DATE && !shape_is_date(value->text))
        node_fault(faults, value, "must be a date, such as 2026-11-20");
    else if (member->kind == SHAPE_INSTANT && !shape_is_instant(value->text))
        node_fault(faults, value, "must be a date and time, such as 2026-11-20T17:31:04Z");
    else if (member->kind == SHAPE_STABLE_ID && !is_stable_id(value->text))
        node_fault(faults, value, "may have letters, digits, _ and - only");
}

/* Whole by its value, as JSON Schema has it: 1.0 and 1e2 are. */
static bool is_whole(const struct node *value)
{
    int64_t number;
    if (node_to_int64(value, &number))
        return true;
    return strcspn(value->text, ".eE") == strlen(value->text); /* a long one */
}

static void check_number(const struct shape_member *member, const struct node *value,
                         struct faults *faults)
{
    if (value->kind != NODE_NUMBER)
        fault_kind(value, member->kind == SHAPE_NUMBER ? "a number" : "a whole number", faults);
    else if (member->kind != SHAPE_NUMBER && !is_whole(value))
        node_fault(faults, value, "must be a whole number, not %s", value->text);
    else if (member->kind == SHAPE_NATURAL && *value->text == '-')
        node_fault(faults, value, "must not be negative");
}

static void check_list(const struct shape_member *member, const struct node *value,
                       struct faults *faults)
{
    if (value->kind != NODE_LIST) {
        fault_kind(value, "a list", faults);
        return;
    }
    for (const struct node *item = value->first; item; item = item->next) {
        if (member->kind == SHAPE_TEXTS)
            check_text(member, item, faults);
        else if (member->of)
            (void)shape_check(member->of, item, faults); /* the faults tell */
    }
}

bool shape_check_value(const struct shape_member *member, const struct node *value,
                       struct faults *faults)
{
    int before = faults->count;
    switch (member->kind) {
    case SHAPE_ANY:
        break;
    case SHAPE_TEXT:
    case SHAPE_URI:
    case SHAPE_DATE:
    case SHAPE_INSTANT:
    case SHAPE_STABLE_ID:
        check_text(member, value, faults);
        break;
    case SHAPE_NUMBER:
    case SHAPE_INTEGER:
    case SHAPE_NATURAL:
        check_number(member, value, faults);
        break;
    case SHAPE_BOOL:
        if (value->kind != NODE_BOOL)
            fault_kind(value, "true or false", faults);
        break;
    case SHAPE_SCALAR:
        if (value->kind == NODE_LIST || value->kind == NODE_OBJECT)
            fault_kind(value, "a single value", faults);
        break;
    case SHAPE_OBJECT:
        if (member->of)
            (void)shape_check(member->of, value, faults); /* the faults tell */
        else if (value->kind != NODE_OBJECT)
            fault_kind(value, "an object", faults);
        break;
    case SHAPE_LIST:
    case SHAPE_TEXTS:
        check_list(member, value, faults);
        break;
    }
    return faults->count == before;
}

/* Does left become right by so many letters changed, added, left out or swapped? */
static bool is_near(const char *left, const char *right, int edits)
{
    while (*left && *left == *right) {
        left++;
        right++;
    }
    if (!*left && !*right)
        return true;
    if (!edits)
        return false;
    if (*left && *right && left[1] == *right && *left == right[1]
        && is_near(left + 2, right + 2, edits - 1))
        return true;
    return (*left && *right && is_near(left + 1, right + 1, edits - 1))
           || (*right && is_near(left, right + 1, edits - 1))
           || (*left && is_near(left + 1, right, edits - 1));
}

static const struct shape_member *find_member(const struct shape *shape, const char *name)
{
    for (; shape; shape = shape->base)
        for (size_t i = 0; i < shape->count; i++)
            if (strcmp(shape->members[i].name, name) == 0)
                return &shape->members[i];
    return NULL;
}

/* The name that was meant, as far as one can tell; NULL: none. */
static const char *near_name(const struct shape *shape, const char *name)
{
    int edits = strlen(name) > 4 ? 2 : 1;
    for (; shape; shape = shape->base)
        for (size_t i = 0; i < shape->count; i++)
            if (text_equal_caseless(shape->members[i].name, name)
                || is_near(shape->members[i].name, name, edits))
                return shape->members[i].name;
    return NULL;
}

static void fault_unknown(const struct shape *shape, const struct node *member,
                          struct faults *faults)
{
    const char *meant = near_name(shape, member->key);
    if (meant)
        node_fault(faults, member, "%s has no member of this name; is %s meant?", shape->noun,
                   meant);
    else
        node_fault(faults, member, "%s has no member of this name", shape->noun);
}

bool shape_check(const struct shape *shape, const struct node *node, struct faults *faults)
{
    int before = faults->count;
    if (node->kind != NODE_OBJECT) {
        fault_kind(node, "an object", faults);
        return false;
    }
    for (const struct node *member = node->first; member; member = member->next) {
        const struct shape_member *known = find_member(shape, member->key);
        if (known)
            (void)shape_check_value(known, member, faults); /* the faults tell */
        else if (!shape->open)
            fault_unknown(shape, member, faults);
    }
    for (const struct shape *part = shape; part; part = part->base)
        for (size_t i = 0; i < part->count; i++)
            if (part->members[i].required && !node_member(node, part->members[i].name))
                node_fault(faults, node, "%s needs the member %s", shape->noun,
                           part->members[i].name);
    return faults->count == before;
}
