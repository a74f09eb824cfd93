#include "json_row.h"

#include <assert.h>

#define NONE SIZE_MAX
#define ROW_VALUES 4   /* a row may be as long as this many of the longest values */
#define NAME_BYTES 512 /* of a name with escapes; a longer one is no column's */
#define ODD_MEMBERS 8  /* kept of a row; more are not told of */

const char json_row_shape[] = "a row is no object like {\"column\": value}";

/* A member's value before its escapes are resolved, which is done once the row is complete. */
struct member {
    struct value_text text;
    bool escaped;
    int64_t row; /* that it is of; another one: the member is missing */
};

/* A member that a row cannot have. */
struct odd_member {
    const char *at; /* its name as written; NULL: a column's name that came twice */
    size_t size;
    size_t column;
};

struct json_row {
    const struct columns *columns;
    struct sink *sink;
    struct member *members; /* one per column */
    size_t *name_sizes;     /* of the columns */
    size_t *order; /* columns in the order of the last row's members: mostly this row's too */
    bool *objects; /* the nesting's stack */
    size_t max_field;
    int max_depth;
    int64_t number; /* of the reading: each gets its own, also when it is done again */
    struct odd_member odd[ODD_MEMBERS];
    size_t odd_count;
};

struct json_row *json_row_new(struct arena *arena, const struct intake_options *options,
                              struct sink *sink)
{
    struct json_row *row = arena_new_of(arena, struct json_row);
    size_t count = options->columns->count;
    row->columns = options->columns;
    row->sink = sink;
    row->members = arena_array_of(arena, struct member, count);
    row->name_sizes = arena_array_of(arena, size_t, count);
    row->order = arena_array_of(arena, size_t, count);
    row->max_field = (size_t)options->max_field;
    row->max_depth = (int)options->max_depth;
    row->objects = arena_array_of(arena, bool, (size_t)options->max_depth);
    for (size_t i = 0; i < count; i++) {
        row->name_sizes[i] = strlen(options->columns->list[i].name);
        row->order[i] = i;
    }
    return row;
}

size_t json_row_limit(const struct intake_options *options)
{
    return (size_t)options->max_field * ROW_VALUES;
}

static bool is_column(const struct json_row *row, size_t column, const char *name, size_t size)
{
    return row->name_sizes[column] == size
           && memcmp(row->columns->list[column].name, name, size) == 0;
}

/* The column of a name; NONE: there is none. place: how many members came before it. */
static size_t find_column(struct json_row *row, struct json_token name, size_t place)
{
    char plain[NAME_BYTES];
    if (name.escaped) {
        if (name.size > sizeof plain)
            return NONE;
        memcpy(plain, name.at, name.size);
        name.size = json_unescape(plain, name.size);
        name.at = plain;
    }
    size_t count = row->columns->count;
    if (place < count && is_column(row, row->order[place], name.at, name.size))
        return row->order[place];
    for (size_t i = 0; i < count; i++)
        if (is_column(row, i, name.at, name.size)) {
            if (place < count)
                row->order[place] = i;
            return i;
        }
    return NONE;
}

static void add_odd(struct json_row *row, struct odd_member odd)
{
    if (row->odd_count < ODD_MEMBERS)
        row->odd[row->odd_count++] = odd;
}

/* Read a member's value. Gives JSON_WRONG, JSON_INCOMPLETE or anything else. */
static enum json_kind read_value(struct json_row *row, struct json_lexer *lexer, int depth,
                                 struct member *out_member)
{
    static const enum value_form forms[] = {
        [JSON_OBJECT] = VALUE_NESTED, [JSON_ARRAY] = VALUE_NESTED, [JSON_STRING] = VALUE_STRING,
        [JSON_NUMBER] = VALUE_NUMBER, [JSON_TRUE] = VALUE_TRUE,    [JSON_FALSE] = VALUE_FALSE,
        [JSON_NULL] = VALUE_NULL,
    };
    struct json_token token = json_next(lexer);
    enum json_kind kind = token.kind;
    switch (kind) {
    case JSON_WRONG:
    case JSON_INCOMPLETE:
        return kind;
    case JSON_OBJECT_END:
    case JSON_ARRAY_END:
    case JSON_COLON:
    case JSON_COMMA:
        lexer->wrong = "a value is missing behind a name";
        return JSON_WRONG;
    default:
        break;
    }
    if (kind == JSON_OBJECT || kind == JSON_ARRAY) {
        struct json_nesting nesting;
        json_nesting_init(&nesting, row->objects, row->max_depth - depth);
        enum json_kind last = json_skip(lexer, &nesting, kind);
        if (last == JSON_WRONG || last == JSON_INCOMPLETE)
            return last;
        token.size = (size_t)(lexer->at - token.at);
        if (token.size > row->max_field) {
            lexer->wrong = "a value is longer than allowed";
            return JSON_WRONG;
        }
    }
    *out_member = (struct member){ { forms[kind], token.at, token.size },
                                   token.escaped && kind == JSON_STRING,
                                   row->number };
    return kind;
}

/* Read a member after its name. */
static enum json_kind read_member(struct json_row *row, struct json_lexer *lexer, int depth,
                                  struct json_token name, size_t place)
{
    struct json_token colon = json_next(lexer);
    if (colon.kind == JSON_WRONG || colon.kind == JSON_INCOMPLETE)
        return colon.kind;
    if (colon.kind != JSON_COLON) {
        lexer->wrong = "a colon is missing behind a name";
        return JSON_WRONG;
    }
    struct member member;
    enum json_kind kind = read_value(row, lexer, depth, &member);
    if (kind == JSON_WRONG || kind == JSON_INCOMPLETE)
        return kind;
    size_t column = find_column(row, name, place);
    if (column == NONE)
        add_odd(row, (struct odd_member){ name.at, name.size, NONE });
    else if (row->members[column].row == row->number)
        add_odd(row, (struct odd_member){ NULL, 0, column });
    else
        row->members[column] = member;
    return kind;
}

/* Read all members, after the object's brace; depth counts the object. */
static enum json_kind read_members(struct json_row *row, struct json_lexer *lexer, int depth)
{
    struct json_token token = json_next(lexer);
    if (token.kind == JSON_OBJECT_END)
        return token.kind;
    for (size_t place = 0;; place++) {
        if (token.kind == JSON_WRONG || token.kind == JSON_INCOMPLETE)
            return token.kind;
        if (token.kind != JSON_STRING) {
            lexer->wrong = "a name in quotes is missing in an object";
            return JSON_WRONG;
        }
        enum json_kind kind = read_member(row, lexer, depth, token, place);
        if (kind == JSON_WRONG || kind == JSON_INCOMPLETE)
            return kind;
        token = json_next(lexer);
        if (token.kind == JSON_OBJECT_END || token.kind == JSON_WRONG
            || token.kind == JSON_INCOMPLETE)
            return token.kind;
        if (token.kind != JSON_COMMA) {
            lexer->wrong = "a comma or } is missing behind a member";
            return JSON_WRONG;
        }
        token = json_next(lexer);
    }
}

static void tell_odd(struct json_row *row)
{
    for (size_t i = 0; i < row->odd_count; i++) {
        const struct odd_member *odd = &row->odd[i];
        struct value_text name = { VALUE_STRING, odd->at, odd->size };
        if (odd->at)
            sink_row_fault(row->sink, NULL, "the contract has no column %s",
                           value_shown(row->sink->arena, name));
        else
            sink_row_fault(row->sink, row->columns->list[odd->column].name,
                           "the member stands twice in the object");
    }
}

/* The value of a column, its escapes resolved in place: the row is complete, and never read again.
 */
static struct value_text member_text(struct json_row *row, size_t column)
{
    struct member *member = &row->members[column];
    if (member->row != row->number)
        return (struct value_text){ VALUE_NULL, NULL, 0 };
    if (member->escaped) {
        /* the bytes are the intake's own window; tokens only promise not to write themselves */
        member->text.size = json_unescape((char *)member->text.at, member->text.size);
        member->escaped = false;
    }
    return member->text;
}

struct problem *json_row_read(struct json_row *row, struct json_lexer *lexer, int depth,
                              enum json_kind *out_kind)
{
    struct json_token first = json_next(lexer);
    int64_t line = lexer->line;
    row->number++;
    row->odd_count = 0;
    *out_kind = first.kind;
    if (first.kind == JSON_WRONG || first.kind == JSON_INCOMPLETE)
        return NULL;
    if (first.kind != JSON_OBJECT) {
        lexer->wrong = json_row_shape;
        *out_kind = JSON_WRONG;
        return NULL;
    }
    *out_kind = read_members(row, lexer, depth + 1);
    if (*out_kind != JSON_OBJECT_END)
        return NULL;
    sink_row_begin(row->sink, line);
    tell_odd(row);
    for (size_t i = 0; i < row->columns->count; i++)
        TRY(sink_value(row->sink, i, member_text(row, i)));
    return sink_row_end(row->sink);
}
