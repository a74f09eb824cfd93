#include "oracle.h"

#include <math.h>
#include <string.h>

static const struct column column_list[ORACLE_COLUMNS] = {
    { .name = "id", .type = COLUMN_INT64, .required = true, .key_position = 1 },
    { .name = "name", .type = COLUMN_TEXT },
    { .name = "code", .type = COLUMN_TEXT, .required = true },
    { .name = "qty", .type = COLUMN_INT32 },
    { .name = "size", .type = COLUMN_INT32, .required = true },
    { .name = "amount", .type = COLUMN_DECIMAL, .precision = 12, .scale = 2 },
    { .name = "price", .type = COLUMN_DOUBLE },
    { .name = "weight", .type = COLUMN_DOUBLE, .required = true },
    { .name = "paid", .type = COLUMN_BOOL },
    { .name = "open", .type = COLUMN_BOOL, .required = true },
    { .name = "due", .type = COLUMN_DATE },
    { .name = "at", .type = COLUMN_TIME },
    { .name = "sold_at", .type = COLUMN_TIMESTAMP },
    { .name = "ref", .type = COLUMN_UUID },
};
const struct columns oracle_columns = { column_list, ORACLE_COLUMNS };

/* The values a column may have, as Postgres reads them; few, so that many rows are equal. */
static const char *const texts[] = { "", "a", "b", "B", "O'Neil", "été", "a b" };
static const char *const dates[] = { "1969-12-31", "2024-02-29", "2026-11-20" };
static const char *const times[] = { "00:00:00", "07:59:59.5", "23:59:59.999999" };
static const char *const instants[] = { "1969-12-31T23:59:59.500000Z",
                                        "2024-02-29T12:00:00.000000Z",
                                        "2026-11-20T17:31:04.123456Z" };
static const char *const uuids[] = { "0ae2f1b8-2ae2-4b7a-8f0e-1234567890ab",
                                     "a0000000-0000-4000-8000-000000000000" };
static const double integers[] = { -2, -1, 0, 1, 2, 3 };
static const double decimals[] = { -1.5, -0.25, 0, 1, 1.5, 2, 100.75 };
static const double reals[] = { -INFINITY, -1.5, 0, 0.5, 1, 1.5, 2, INFINITY, NAN };

static const struct {
    const char *const *texts;
    const double *numbers;
    unsigned count;
} values[] = {
    [COLUMN_TEXT] = { texts, NULL, COUNT(texts) },
    [COLUMN_DATE] = { dates, NULL, COUNT(dates) },
    [COLUMN_TIME] = { times, NULL, COUNT(times) },
    [COLUMN_TIMESTAMP] = { instants, NULL, COUNT(instants) },
    [COLUMN_UUID] = { uuids, NULL, COUNT(uuids) },
    [COLUMN_INT32] = { NULL, integers, COUNT(integers) },
    [COLUMN_INT64] = { NULL, integers, COUNT(integers) },
    [COLUMN_DECIMAL] = { NULL, decimals, COUNT(decimals) },
    [COLUMN_DOUBLE] = { NULL, reals, COUNT(reals) },
    [COLUMN_BOOL] = { NULL, (const double[]){ 0, 1 }, 2 },
};

unsigned oracle_random(struct oracle *oracle, unsigned bound)
{
    oracle->state = oracle->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(oracle->state >> 33) % bound;
}

static struct cell random_cell(struct oracle *oracle, enum column_type type)
{
    unsigned i = oracle_random(oracle, values[type].count);
    if (values[type].texts)
        return (struct cell){ .is_text = true, .text = values[type].texts[i] };
    return (struct cell){ .number = values[type].numbers[i] };
}

struct oracle *oracle_new(struct arena *arena, uint64_t seed)
{
    struct oracle *oracle = arena_new_of(arena, struct oracle);
    oracle->arena = arena;
    oracle->state = seed;
    for (unsigned row = 0; row < ORACLE_ROWS; row++)
        for (unsigned i = 0; i < ORACLE_COLUMNS; i++) {
            struct cell *cell = &oracle->rows[row][i];
            *cell = random_cell(oracle, column_list[i].type);
            if (i == 0)
                cell->number = row;
            else if (!column_list[i].required && oracle_random(oracle, 4) == 0)
                cell->is_null = true;
        }
    return oracle;
}

const char *oracle_create_sql(void)
{
    return "CREATE TEMP TABLE rows (id int8 PRIMARY KEY, name text COLLATE \"C\", "
           "code text COLLATE \"C\" NOT NULL, qty int4, size int4 NOT NULL, amount numeric(12,2), "
           "price float8, weight float8 NOT NULL, paid bool, open bool NOT NULL, due date, "
           "at time, sold_at timestamptz, ref uuid)";
}

static void add_quoted(struct buffer *out, const char *text)
{
    buffer_add_char(out, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            buffer_add_char(out, '\'');
        buffer_add_char(out, *text);
    }
    buffer_add_char(out, '\'');
}

static void add_sql_cell(struct buffer *out, const struct cell *cell, enum column_type type)
{
    if (cell->is_null)
        buffer_add_text(out, "NULL");
    else if (cell->is_text)
        add_quoted(out, cell->text);
    else if (type == COLUMN_BOOL)
        buffer_add_text(out, cell->number != 0 ? "true" : "false");
    else
        buffer_print(out, "'%g'", cell->number);
}

const char *oracle_insert_sql(struct oracle *oracle)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    buffer_add_text(&out, "INSERT INTO rows VALUES ");
    for (unsigned row = 0; row < ORACLE_ROWS; row++) {
        buffer_add_text(&out, row ? ",(" : "(");
        for (unsigned i = 0; i < ORACLE_COLUMNS; i++) {
            buffer_add_text(&out, i ? "," : "");
            add_sql_cell(&out, &oracle->rows[row][i], column_list[i].type);
        }
        buffer_add_char(&out, ')');
    }
    return arena_copy(oracle->arena, out.data, out.size);
}

enum condition_kind {
    HOLDS_COLUMN,  /* paid */
    HOLDS_COMPARE, /* column op literal, or column */
    HOLDS_TRUTHS,  /* (condition) eq (condition) */
    HOLDS_IN,
    HOLDS_NOT,
    HOLDS_AND,
    HOLDS_OR
};

#define LIST_MAX 3

struct condition {
    enum condition_kind kind;
    unsigned comparison; /* of words */
    unsigned column;
    bool with_column; /* compared with another column */
    unsigned other;
    bool turned; /* literal op column */
    struct cell list[LIST_MAX];
    unsigned count;
    const struct condition *left;
    const struct condition *right;
};

static const char *const words[] = { "eq", "ne", "gt", "ge", "lt", "le" };

static bool is_number(enum column_type type)
{
    return type == COLUMN_INT32 || type == COLUMN_INT64 || type == COLUMN_DECIMAL
           || type == COLUMN_DOUBLE;
}

/* A column that can be compared with the one given. */
static unsigned column_beside(struct oracle *oracle, unsigned column)
{
    for (;;) {
        unsigned other = oracle_random(oracle, ORACLE_COLUMNS);
        enum column_type a = column_list[column].type;
        enum column_type b = column_list[other].type;
        if (a == b || (is_number(a) && is_number(b)))
            return other;
    }
}

/* A literal beside a column; of numbers any sort of number, now and then null. */
static struct cell literal_beside(struct oracle *oracle, unsigned column)
{
    static const enum column_type numbers[] = { COLUMN_INT32, COLUMN_DECIMAL, COLUMN_DOUBLE };
    enum column_type type = column_list[column].type;
    if (is_number(type))
        type = numbers[oracle_random(oracle, COUNT(numbers))];
    struct cell cell = random_cell(oracle, type);
    cell.is_null = oracle_random(oracle, 8) == 0;
    return cell;
}

const struct condition *oracle_condition(struct oracle *oracle, int depth)
{
    struct condition *made = arena_new_of(oracle->arena, struct condition);
    unsigned kind = oracle_random(oracle, depth > 0 ? 12 : 6);
    made->column = oracle_random(oracle, ORACLE_COLUMNS);
    made->comparison = oracle_random(oracle, COUNT(words));
    if (kind == 0) {
        made->kind = HOLDS_COLUMN;
        made->column = oracle_random(oracle, 2) ? 8 : 9;
    } else if (kind == 1) {
        made->kind = HOLDS_IN;
        made->count = oracle_random(oracle, LIST_MAX + 1);
        for (unsigned i = 0; i < made->count; i++)
            made->list[i] = literal_beside(oracle, made->column);
    } else if (kind < 6) {
        made->kind = HOLDS_COMPARE;
        made->with_column = kind == 2;
        made->other = column_beside(oracle, made->column);
        made->turned = kind == 3;
        made->list[0] = literal_beside(oracle, made->column);
    } else {
        static const enum condition_kind kinds[] = { HOLDS_TRUTHS, HOLDS_NOT, HOLDS_NOT,
                                                     HOLDS_AND,    HOLDS_AND, HOLDS_OR };
        made->kind = kinds[kind - 6];
        made->left = oracle_condition(oracle, depth - 1);
        made->right = oracle_condition(oracle, depth - 1);
    }
    return made;
}

static void add_literal(struct buffer *out, const struct cell *cell, unsigned column)
{
    enum column_type type = column_list[column].type;
    if (cell->is_null)
        buffer_add_text(out, "null");
    else if (cell->is_text && type == COLUMN_TEXT)
        add_quoted(out, cell->text);
    else if (cell->is_text)
        buffer_add_text(out, cell->text);
    else if (type == COLUMN_BOOL)
        buffer_add_text(out, cell->number != 0 ? "true" : "false");
    else if (isinf(cell->number))
        buffer_add_text(out, cell->number > 0 ? "INF" : "-INF");
    else if (isnan(cell->number))
        buffer_add_text(out, "NaN");
    else
        buffer_print(out, "%g", cell->number);
}

static void add_condition(struct buffer *out, const struct condition *made);

static void add_compare(struct buffer *out, const struct condition *made)
{
    const char *name = column_list[made->column].name;
    if (made->with_column) {
        buffer_print(out, "%s %s %s", name, words[made->comparison], column_list[made->other].name);
    } else if (made->turned) {
        add_literal(out, &made->list[0], made->column);
        buffer_print(out, " %s %s", words[made->comparison], name);
    } else {
        buffer_print(out, "%s %s ", name, words[made->comparison]);
        add_literal(out, &made->list[0], made->column);
    }
}

static void add_pair(struct buffer *out, const struct condition *made, const char *word)
{
    buffer_add_char(out, '(');
    add_condition(out, made->left);
    buffer_print(out, ") %s (", word);
    add_condition(out, made->right);
    buffer_add_char(out, ')');
}

static void add_condition(struct buffer *out, const struct condition *made)
{
    switch (made->kind) {
    case HOLDS_COLUMN:
        buffer_add_text(out, column_list[made->column].name);
        return;
    case HOLDS_COMPARE:
        add_compare(out, made);
        return;
    case HOLDS_TRUTHS:
        add_pair(out, made, words[made->comparison]);
        return;
    case HOLDS_IN:
        buffer_print(out, "%s in (", column_list[made->column].name);
        for (unsigned i = 0; i < made->count; i++) {
            buffer_add_text(out, i ? "," : "");
            add_literal(out, &made->list[i], made->column);
        }
        buffer_add_char(out, ')');
        return;
    case HOLDS_NOT:
        buffer_add_text(out, "not (");
        add_condition(out, made->left);
        buffer_add_char(out, ')');
        return;
    case HOLDS_AND:
        add_pair(out, made, "and");
        return;
    case HOLDS_OR:
        add_pair(out, made, "or");
        return;
    }
}

const char *condition_text(struct oracle *oracle, const struct condition *condition)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    add_condition(&out, condition);
    return arena_copy(oracle->arena, out.data, out.size);
}

static bool compare(unsigned comparison, const struct cell *left, const struct cell *right)
{
    bool equal, greater;
    if (left->is_null || right->is_null) {
        equal = left->is_null && right->is_null;
        greater = false;
    } else if (left->is_text) {
        equal = strcmp(left->text, right->text) == 0;
        greater = strcmp(left->text, right->text) > 0;
    } else {
        equal = left->number == right->number;
        greater = left->number > right->number;
    }
    bool comparable = !left->is_null && !right->is_null
                      && (left->is_text || (!isnan(left->number) && !isnan(right->number)));
    switch (comparison) {
    case 0:
        return equal;
    case 1:
        return !equal;
    case 2:
        return greater;
    case 3:
        return greater || equal;
    case 4:
        return comparable && !greater && !equal;
    default:
        return (comparable && !greater) || equal;
    }
}

/* true, false or null */
static struct cell truth_of(const struct condition *made, const struct cell *row)
{
    struct cell left, right, truth = { 0 };
    switch (made->kind) {
    case HOLDS_COLUMN:
        return row[made->column];
    case HOLDS_COMPARE:
        left = row[made->column];
        right = made->with_column ? row[made->other] : made->list[0];
        truth.number = made->turned && !made->with_column
                           ? compare(made->comparison, &right, &left)
                           : compare(made->comparison, &left, &right);
        return truth;
    case HOLDS_IN:
        for (unsigned i = 0; i < made->count; i++)
            if (compare(0, &row[made->column], &made->list[i]))
                truth.number = 1;
        return truth;
    default:
        break;
    }
    left = truth_of(made->left, row);
    right = truth_of(made->right, row);
    bool stop = made->kind == HOLDS_OR; /* the operand that decides alone */
    switch (made->kind) {
    case HOLDS_TRUTHS:
        truth.number = compare(made->comparison, &left, &right);
        return truth;
    case HOLDS_NOT:
        left.number = left.number == 0;
        return left;
    default:
        if ((!left.is_null && (left.number != 0) == stop)
            || (!right.is_null && (right.number != 0) == stop))
            truth.number = stop;
        else if (left.is_null || right.is_null)
            truth.is_null = true;
        else
            truth.number = !stop;
        return truth;
    }
}

bool condition_holds(const struct condition *condition, const struct cell *row)
{
    struct cell truth = truth_of(condition, row);
    return !truth.is_null && truth.number != 0;
}

int cell_compare(const struct cell *left, const struct cell *right)
{
    if (left->is_null || right->is_null)
        return right->is_null - left->is_null;
    if (left->is_text)
        return strcmp(left->text, right->text);
    if (isnan(left->number) || isnan(right->number)) /* Postgres sorts it behind all numbers */
        return isnan(left->number) - isnan(right->number);
    return (left->number > right->number) - (left->number < right->number);
}
