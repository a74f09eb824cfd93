#include "cron.h"

#include "server/base/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* One of the five fields. */
struct field {
    const char *name;
    int lowest;
    int highest;
    int name_base;            /* number of the first of names */
    const char *const *names; /* ended by NULL; NULL: numbers only */
};

static const char *const month_names[] = { "jan", "feb", "mar", "apr", "may", "jun", "jul",
                                           "aug", "sep", "oct", "nov", "dec", NULL };
static const char *const weekday_names[] = {
    "sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL
};

static const struct field fields[] = {
    { "minute", 0, 59, 0, NULL },
    { "hour", 0, 23, 0, NULL },
    { "day of the month", 1, 31, 0, NULL },
    { "month", 1, 12, 1, month_names },
    { "day of the week", 0, 7, 0, weekday_names }, /* 0 and 7 are Sunday */
};

static const struct {
    const char *name;
    const char *meaning;
} shorthands[] = {
    { "@hourly", "0 * * * *" },   { "@daily", "0 0 * * *" },   { "@midnight", "0 0 * * *" },
    { "@weekly", "0 0 * * 0" },   { "@monthly", "0 0 1 * *" }, { "@yearly", "0 0 1 1 *" },
    { "@annually", "0 0 1 1 *" },
};

/* Step over a number or a name. False: there is none, or it is out of its range. */
static bool take_value(const struct field *field, const char **text, int *out_value)
{
    const char *at = *text;
    int value = 0;
    if (isdigit((unsigned char)*at)) {
        for (int digits = 0; isdigit((unsigned char)*at); at++, digits++) {
            if (digits == 4)
                return false;
            value = value * 10 + (*at - '0');
        }
    } else {
        size_t size = strcspn(at, ",-/");
        int i = 0;
        while (field->names && field->names[i]
               && (size != 3 || strncasecmp(field->names[i], at, 3) != 0))
            i++;
        if (!field->names || !field->names[i])
            return false;
        value = i + field->name_base;
        at += size;
    }
    *text = at;
    *out_value = value;
    return value >= field->lowest && value <= field->highest;
}

/* One part of a list: *, a value, a range, and a step behind * or a range. */
static const char *take_part(struct arena *arena, const struct field *field, const char *part,
                             uint64_t *bits)
{
    const char *at = part;
    int first = field->lowest;
    int last = field->highest;
    int step = 1;
    bool is_range = *at == '*';
    if (is_range) {
        at++;
    } else {
        if (!take_value(field, &at, &first))
            return arena_print(arena, "%s is no %s; it is from %d to %d%s", part, field->name,
                               field->lowest, field->highest,
                               field->names ? ", or a name of three letters" : "");
        last = first;
        is_range = *at == '-';
        if (is_range) {
            at++;
            if (!take_value(field, &at, &last))
                return arena_print(arena, "the range %s has no right end", part);
            if (field->names == weekday_names && last == 0 && first > 0)
                last = 7; /* sat-sun */
            if (last < first)
                return arena_print(arena, "the range %s ends before it begins", part);
        }
    }
    if (*at == '/') {
        char *digits = arena_text(arena, at + 1);
        int64_t number;
        if (!is_range)
            return arena_print(arena, "a step needs * or a range before it: %d-%d%s", first,
                               field->highest, at);
        if (!text_to_int64(digits, &number) || number < 1 || number > field->highest)
            return arena_print(arena, "the step of %s must be from 1 to %d", part, field->highest);
        step = (int)number;
        at += strlen(at);
    }
    if (*at)
        return arena_print(arena, "\"%s\" is not understood in the field of the %s", part,
                           field->name);
    for (int value = first; value <= last; value += step)
        *bits |= UINT64_C(1) << value;
    return NULL;
}

static const char *take_field(struct arena *arena, const struct field *field, const char *text,
                              uint64_t *out_bits)
{
    uint64_t bits = 0;
    size_t size = strlen(text);
    if (*text == ',' || text[size - 1] == ',' || strstr(text, ",,"))
        return arena_print(arena, "there is nothing beside a comma of \"%s\"", text);
    char **parts = text_split(arena, text, ",");
    for (size_t i = 0; parts[i]; i++) {
        const char *reason = take_part(arena, field, parts[i], &bits);
        if (reason)
            return reason;
    }
    *out_bits = bits;
    return NULL;
}

/* Is there a month that has one of the days? */
static bool has_a_day(const struct cron *cron)
{
    static const int lengths[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    for (int month = 1; month <= 12; month++)
        if (cron->months >> month & 1 && cron->days & ((UINT64_C(2) << lengths[month - 1]) - 1))
            return true;
    return false;
}

static const char *read_expression(struct arena *arena, const char *text, struct cron *cron)
{
    uint64_t bits[COUNT(fields)];
    for (size_t i = 0; i < COUNT(shorthands); i++)
        if (text_equal_caseless(text, shorthands[i].name))
            text = shorthands[i].meaning;
    if (*text == '@')
        return arena_print(arena,
                           "\"%s\" is not known; @hourly, @daily, @weekly, @monthly and "
                           "@yearly are",
                           text);
    char **words = text_split(arena, text, " \t");
    size_t count = 0;
    while (words[count])
        count++;
    if (count != COUNT(fields))
        return arena_print(arena,
                           "five fields are needed, not %zu: minute, hour, day of the month, month "
                           "and day of the week",
                           count);
    for (size_t i = 0; i < COUNT(fields); i++) {
        const char *reason = take_field(arena, &fields[i], words[i], &bits[i]);
        if (reason)
            return reason;
    }
    *cron = (struct cron){
        .minutes = bits[0],
        .hours = (uint32_t)bits[1],
        .days = (uint32_t)bits[2],
        .months = (uint16_t)bits[3],
        .weekdays = (uint8_t)((bits[4] | bits[4] >> 7) & 0x7f),
        .either_day = *words[2] != '*' && *words[4] != '*',
    };
    if (!cron->either_day && !has_a_day(cron))
        return "no month that is named has such a day, so it would never come";
    return NULL;
}

bool cron_parse(struct arena *arena, const char *text, struct cron *out_cron,
                const char **out_reason)
{
    struct cron cron;
    const char *reason = read_expression(arena, text, &cron);
    if (reason)
        *out_reason = reason;
    else
        *out_cron = cron;
    return !reason;
}
