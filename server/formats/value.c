#include "value.h"

#include "decimal.h"
#include "json.h"
#include "moment.h"
#include "number.h"
#include "octets.h"
#include "scan.h"
#include "server/base/text.h"
#include "wire.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <strings.h>

#define SHOWN_BYTES 60
#define SHOWN_VALUES 12
#define JSON_BYTES ((size_t)32 << 20) /* jsonb holds 256 MB of its own, larger form */

#define FORM(form) (1U << (form))
#define TEXT_FORMS (FORM(VALUE_FIELD) | FORM(VALUE_STRING))

/* The forms that a type may come in. */
static const unsigned forms[] = {
    [COLUMN_BOOL] = FORM(VALUE_FIELD) | FORM(VALUE_TRUE) | FORM(VALUE_FALSE),
    [COLUMN_INT32] = FORM(VALUE_FIELD) | FORM(VALUE_NUMBER),
    /* strings too: many writers of JSON lose digits of large numbers */
    [COLUMN_INT64] = TEXT_FORMS | FORM(VALUE_NUMBER),
    [COLUMN_DECIMAL] = TEXT_FORMS | FORM(VALUE_NUMBER),
    [COLUMN_DOUBLE] = TEXT_FORMS | FORM(VALUE_NUMBER),
    [COLUMN_TEXT] = TEXT_FORMS,
    [COLUMN_DATE] = TEXT_FORMS,
    [COLUMN_TIME] = TEXT_FORMS,
    [COLUMN_TIMESTAMP] = TEXT_FORMS,
    [COLUMN_UUID] = TEXT_FORMS,
    [COLUMN_BYTES] = TEXT_FORMS,
    [COLUMN_JSON] = FORM(VALUE_FIELD) | FORM(VALUE_NESTED),
};

static const char *const form_names[] = {
    [VALUE_NULL] = "null",
    [VALUE_FIELD] = "a field",
    [VALUE_STRING] = "a string",
    [VALUE_NUMBER] = "a number",
    [VALUE_TRUE] = "a boolean",
    [VALUE_FALSE] = "a boolean",
    [VALUE_NESTED] = "an object or array",
};

static bool is_word(struct value_text value, const char *word)
{
    return strlen(word) == value.size && strncasecmp(value.at, word, value.size) == 0;
}

static const char *write_bool(struct value_text value, struct buffer *out)
{
    bool is_true = value.form == VALUE_TRUE || is_word(value, "true") || is_word(value, "t")
                   || is_word(value, "1");
    if (!is_true && value.form != VALUE_FALSE && !is_word(value, "false") && !is_word(value, "f")
        && !is_word(value, "0"))
        return "is no boolean (true, false)";
    buffer_add_char(out, is_true);
    return NULL;
}

static const char *write_int32(struct value_text value, struct buffer *out)
{
    int64_t number;
    if (!number_read_int64(value.at, value.size, &number) || number < INT32_MIN
        || number > INT32_MAX)
        return "is no integer from -2147483648 to 2147483647";
    wire_put32(buffer_room(out, 4), (uint32_t)(int32_t)number);
    out->size += 4;
    return NULL;
}

static const char *write_int64(struct value_text value, struct buffer *out)
{
    int64_t number;
    if (!number_read_int64(value.at, value.size, &number))
        return "is no integer from -9223372036854775808 to 9223372036854775807";
    wire_put64(buffer_room(out, 8), (uint64_t)number);
    out->size += 8;
    return NULL;
}

/* The numbers that are words; they are exact words, as XML Schema and OData have them. */
static bool read_special(struct value_text value, double *out_number)
{
    static const struct {
        const char *word;
        double number;
    } words[] = { { "NaN", NAN }, { "INF", INFINITY }, { "-INF", -INFINITY } };
    for (size_t i = 0; i < COUNT(words); i++)
        if (strlen(words[i].word) == value.size
            && memcmp(value.at, words[i].word, value.size) == 0) {
            *out_number = words[i].number;
            return true;
        }
    return false;
}

static const char *write_double(struct value_text value, struct buffer *out)
{
    double number;
    bool good = value.form != VALUE_STRING && number_read_double(value.at, value.size, &number);
    if (!good && !read_special(value, &number))
        return value.form == VALUE_STRING ? "is a string, but the column is of type number"
                                          : "is no number of 64 bits (or NaN, INF, -INF)";
    wire_put_double(buffer_room(out, 8), number);
    out->size += 8;
    return NULL;
}

/* Is it ASCII, and without a NUL? */
static bool is_plain(struct value_text value)
{
    uint32_t marks = 0;
    for (size_t i = 0; i < value.size; i += SCAN_BLOCK) {
        char filled[SCAN_BLOCK];
        const char *block = scan_block(value.at + i, value.size - i, filled);
        marks |= scan_high(block) | scan_any(block, 0, 0, 0, 0);
    }
    return !marks;
}

static int64_t count_characters(const char *text, size_t size)
{
    int64_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

static const char *write_text(struct value_text value, struct buffer *out)
{
    if (!is_plain(value)) {
        if (memchr(value.at, '\0', value.size))
            return "has a NUL byte";
        if (!text_is_utf8(value.at, value.size))
            return "is not UTF-8";
    }
    buffer_add(out, value.at, value.size);
    return NULL;
}

static const char *write_date(struct value_text value, struct buffer *out)
{
    int32_t days;
    const char *wrong = moment_read_date(value.at, value.size, &days);
    if (wrong)
        return wrong;
    wire_put32(buffer_room(out, 4), (uint32_t)days);
    out->size += 4;
    return NULL;
}

static const char *write_moment(struct value_text value, struct buffer *out,
                                const char *(*read)(const char *, size_t, int64_t *))
{
    int64_t us;
    const char *wrong = read(value.at, value.size, &us);
    if (wrong)
        return wrong;
    wire_put64(buffer_room(out, 8), (uint64_t)us);
    out->size += 8;
    return NULL;
}

static const char *write_uuid(struct value_text value, struct buffer *out)
{
    const char *wrong = octets_read_uuid(value.at, value.size, buffer_room(out, OCTETS_UUID));
    if (!wrong)
        out->size += OCTETS_UUID;
    return wrong;
}

static const char *write_json(const struct value_rules *rules, struct value_text value,
                              struct arena *arena, struct buffer *out)
{
    if (value.size > JSON_BYTES)
        return "is longer than 32 MB, the most a value of JSON may have";
    const char *wrong = json_check(value.at, value.size, rules->max_depth);
    if (wrong)
        return arena_print(arena, "is no JSON: %s", wrong);
    buffer_add_char(out, 1); /* the version of jsonb's binary format */
    buffer_add(out, value.at, value.size);
    return NULL;
}

static const char *write_typed(const struct value_rules *rules, struct value_text value,
                               struct arena *arena, struct buffer *out)
{
    switch (rules->column->type) {
    case COLUMN_BOOL:
        return write_bool(value, out);
    case COLUMN_INT32:
        return write_int32(value, out);
    case COLUMN_INT64:
        return write_int64(value, out);
    case COLUMN_DECIMAL:
        return decimal_read(out, rules->column->precision, rules->column->scale, value.at,
                            value.size);
    case COLUMN_DOUBLE:
        return write_double(value, out);
    case COLUMN_TEXT:
        return write_text(value, out);
    case COLUMN_DATE:
        return write_date(value, out);
    case COLUMN_TIME:
        return write_moment(value, out, moment_read_time);
    case COLUMN_TIMESTAMP:
        return write_moment(value, out, moment_read_timestamp);
    case COLUMN_UUID:
        return write_uuid(value, out);
    case COLUMN_BYTES:
        return octets_read_base64(out, value.at, value.size);
    case COLUMN_JSON:
        return write_json(rules, value, arena, out);
    case COLUMN_NO_TYPE:
        break;
    }
    abort(); /* a column has a type */
}

#define ORDER(left, right) (((left) > (right)) - ((left) < (right)))

/* NaN is above all, as in Postgres. */
static int compare_doubles(double left, double right)
{
    if (isnan(left) || isnan(right))
        return ORDER(isnan(left) != 0, isnan(right) != 0);
    return ORDER(left, right);
}

/* Two values of a type in binary. */
static int compare(enum column_type type, struct row_value left, struct row_value right)
{
    if (type == COLUMN_DECIMAL)
        return decimal_compare(left.data, (size_t)left.size, right.data, (size_t)right.size);
    if (type == COLUMN_DOUBLE)
        return compare_doubles(wire_get_double(left.data), wire_get_double(right.data));
    if (type == COLUMN_INT32 || type == COLUMN_DATE)
        return ORDER((int32_t)wire_get32(left.data), (int32_t)wire_get32(right.data));
    if (type == COLUMN_INT64 || type == COLUMN_TIME || type == COLUMN_TIMESTAMP)
        return ORDER((int64_t)wire_get64(left.data), (int64_t)wire_get64(right.data));
    int32_t size = left.size < right.size ? left.size : right.size;
    int order = size ? memcmp(left.data, right.data, (size_t)size) : 0;
    return order ? order : ORDER(left.size, right.size);
}

static const char *check_length(const struct column *column, struct row_value binary,
                                struct arena *arena)
{
    if (column->shortest <= 0 && column->longest < 0)
        return NULL;
    int64_t length = count_characters(binary.data, (size_t)binary.size);
    if (column->longest >= 0 && length > column->longest)
        return arena_print(arena, "is longer than %lld characters", (long long)column->longest);
    if (length < column->shortest)
        return arena_print(arena, "is shorter than %lld characters", (long long)column->shortest);
    return NULL;
}

static const char *check_bounds(const struct value_rules *rules, struct row_value binary,
                                struct arena *arena)
{
    const struct column *column = rules->column;
    if (rules->minimum.size >= 0) {
        int order = compare(column->type, binary, rules->minimum);
        if (order < 0 || (order == 0 && column->minimum_open))
            return arena_print(arena, column->minimum_open ? "is not above %s" : "is below %s",
                               column->minimum);
    }
    if (rules->maximum.size >= 0) {
        int order = compare(column->type, binary, rules->maximum);
        if (order > 0 || (order == 0 && column->maximum_open))
            return arena_print(arena, column->maximum_open ? "is not below %s" : "is above %s",
                               column->maximum);
    }
    return NULL;
}

static const char *check_allowed(const struct value_rules *rules, struct row_value binary,
                                 struct arena *arena)
{
    for (size_t i = 0; i < rules->allowed_count; i++)
        if (compare(rules->column->type, binary, rules->allowed[i]) == 0)
            return NULL;
    CLEANUP(buffer_clear) struct buffer list = { 0 };
    for (size_t i = 0; i < rules->allowed_count && i < SHOWN_VALUES; i++)
        buffer_print(&list, "%s%s", i ? ", " : "", rules->column->allowed[i]);
    return arena_print(arena, "is none of: %s%s", buffer_text(&list),
                       rules->allowed_count > SHOWN_VALUES ? ", \u2026" : "");
}

static const char *check_rules(const struct value_rules *rules, struct row_value binary,
                               struct arena *arena)
{
    const struct column *column = rules->column;
    const char *wrong = rules->broken;
    if (!wrong && column->type == COLUMN_TEXT)
        wrong = check_length(column, binary, arena);
    if (!wrong && column->pattern
        && !pattern_matches(column->pattern, binary.data, (size_t)binary.size))
        wrong =
            arena_print(arena, "does not match the pattern %s", pattern_source(column->pattern));
    if (!wrong)
        wrong = check_bounds(rules, binary, arena);
    if (!wrong && rules->allowed_count)
        wrong = check_allowed(rules, binary, arena);
    return wrong;
}

const char *value_write(const struct value_rules *rules, struct value_text value,
                        struct arena *arena, struct buffer *out)
{
    const struct column *column = rules->column;
    size_t start = out->size;
    (void)buffer_room(out, 4);
    out->size += 4;
    if (value.form == VALUE_NULL) {
        wire_put32(out->data + start, UINT32_MAX);
        return column->required ? "is required" : NULL;
    }
    if (!(forms[column->type] & FORM(value.form)))
        return arena_print(arena, "is %s, but the column is of type %s", form_names[value.form],
                           column_type_name(column->type));
    const char *wrong = write_typed(rules, value, arena, out);
    if (wrong)
        return wrong;
    size_t size = out->size - start - 4;
    assert(size <= INT32_MAX); /* the intake's limit of a value is far below */
    wire_put32(out->data + start, (uint32_t)size);
    if (!rules->any)
        return NULL;
    return check_rules(rules, (struct row_value){ out->data + start + 4, (int32_t)size }, arena);
}

/* A value of the rules in binary; size -1 where there is none or it is no value of the type. */
static struct row_value rule_value(struct arena *arena, struct value_rules *rules, const char *text)
{
    CLEANUP(buffer_clear) struct buffer binary = { 0 };
    if (!text)
        return (struct row_value){ NULL, -1 };
    const char *wrong =
        write_typed(rules, (struct value_text){ VALUE_FIELD, text, strlen(text) }, arena, &binary);
    if (wrong) {
        rules->broken = arena_print(
            arena, "cannot be checked: the contract itself is wrong, its \"%s\" %s", text, wrong);
        return (struct row_value){ NULL, -1 };
    }
    return (struct row_value){ arena_copy(arena, binary.data, binary.size), (int32_t)binary.size };
}

void value_rules_init(struct arena *arena, const struct column *column, int max_depth,
                      struct value_rules *out_rules)
{
    struct value_rules rules = { .column = column, .max_depth = max_depth };
    rules.minimum = rule_value(arena, &rules, column->minimum);
    rules.maximum = rule_value(arena, &rules, column->maximum);
    while (column->allowed && column->allowed[rules.allowed_count])
        rules.allowed_count++;
    rules.allowed = arena_array_of(arena, struct row_value, rules.allowed_count);
    for (size_t i = 0; i < rules.allowed_count; i++)
        rules.allowed[i] = rule_value(arena, &rules, column->allowed[i]);
    rules.any = rules.broken || rules.minimum.size >= 0 || rules.maximum.size >= 0
                || rules.allowed_count || column->pattern
                || (column->type == COLUMN_TEXT && (column->shortest > 0 || column->longest >= 0));
    *out_rules = rules;
}

/* The longest part of at most SHOWN_BYTES that ends with a whole character. */
static size_t shown_size(struct value_text value)
{
    if (value.size <= SHOWN_BYTES)
        return value.size;
    size_t size = SHOWN_BYTES;
    while (size && ((unsigned char)value.at[size] & 0xC0) == 0x80)
        size--;
    return size;
}

const char *value_shown(struct arena *arena, struct value_text value)
{
    CLEANUP(buffer_clear) struct buffer shown = { 0 };
    if (value.form == VALUE_TRUE || value.form == VALUE_FALSE)
        return value.form == VALUE_TRUE ? "true" : "false";
    if (value.form == VALUE_NESTED)
        return *value.at == '{' ? "{\u2026}" : "[\u2026]";
    size_t size = shown_size(value);
    if (value.form == VALUE_NUMBER)
        buffer_add(&shown, value.at, size);
    else
        buffer_add_json_string(&shown, value.at, size);
    if (size < value.size)
        buffer_add_text(&shown, "\u2026");
    return arena_copy(arena, shown.data, shown.size);
}
