#include "allowed.h"
#include "gate_walk.h"
#include "server/base/text.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Members of the parse tree that a step must not have, wherever they stand, and why in words. */
static const struct {
    const char *member;
    const char *rule;
    const char *why;
} refused_members[] = {
    { "intoClause", "select-into", "SELECT INTO would make a table; a step only reads" },
    { "lockingClause", "locking", "FOR UPDATE and FOR SHARE lock rows; a step only reads" },
    { "search_clause", "construct", "SEARCH is not allowed; keep a path column of your own" },
    { "cycle_clause", "construct", "CYCLE is not allowed; keep a path column of your own" },
    { "ParamRef", "parameter", "$n has no value here; parameters are columns of the table run" },
    { "XmlExpr", "xml", "XML functions run text as SQL" },
    { "XmlSerialize", "xml", "XML functions run text as SQL" },
    { "RangeTableFunc", "xml", "XMLTABLE is not allowed; use json_to_recordset()" },
    { "RangeTableSample", "sample",
      "TABLESAMPLE gives other rows in every run; choose rows by md5() of a key" },
    { "CurrentOfExpr", "cursor", "there are no cursors here" },
    { "SetToDefault", "default", "DEFAULT belongs to writes" },
};

/* Types whose input reads the clock when it is given one of these words. */
static const char *const clock_types[] = { "date", "time", "timetz", "timestamp", "timestamptz" };
static const char *const clock_words[] = { "now", "today", "tomorrow", "yesterday" };

int64_t gate_location(const json_t *node)
{
    const json_t *location = json_object_get(node, "location");
    return json_is_integer(location) ? json_integer_value(location) : -1;
}

static const char *string_of(const json_t *node)
{
    return json_string_value(json_object_get(json_object_get(node, "String"), "sval"));
}

/* The name of a function, type or operator: one text, or behind pg_catalog, where Postgres's own
 * words for functions (EXTRACT, TRIM) are sent by its parser. NULL: it is qualified otherwise. */
static const char *last_name(const json_t *names)
{
    size_t count = json_array_size(names);
    const char *schema = count == 2 ? string_of(json_array_get(names, 0)) : "pg_catalog";
    if (count < 1 || count > 2 || !schema || strcmp(schema, "pg_catalog") != 0)
        return NULL;
    return string_of(json_array_get(names, count - 1));
}

/* A whole number that is written down. */
static bool written_number(const json_t *node, int64_t *out_number)
{
    const json_t *constant = json_object_get(node, "A_Const");
    const json_t *value = json_object_get(constant, "ival");
    if (!value)
        return false;
    *out_number = json_integer_value(json_object_get(value, "ival")); /* 0 is left out */
    return true;
}

static struct problem *check_bound(struct gate *gate, const struct allowed *row,
                                   const json_t *arguments, int64_t at)
{
    int64_t argument, most, number;
    if (!allowed_bound(row, &argument, &most))
        return NULL;
    const json_t *given = json_array_get(arguments, (size_t)(argument - 1));
    if (given && (!written_number(given, &number) || number > most))
        return gate_deny(gate, "bound", at,
                         "the length for %s must be written as a number, and be at most %lld",
                         row->name, (long long)most);
    return NULL;
}

static struct problem *deny_function(struct gate *gate, const char *name, int64_t at)
{
    const struct allowed *advice = allowed_find(ALLOWED_ADVICE, name);
    if (advice)
        return gate_deny(gate, "function", at, "%s is not allowed: %s", name, advice->reason);
    return gate_deny(gate, "function", at,
                     "%s is not on the list of functions; see GET /control/functions", name);
}

static struct problem *check_function(struct gate *gate, const json_t *call)
{
    int64_t at = gate_location(call);
    const char *name = last_name(json_object_get(call, "funcname"));
    if (!name)
        return gate_deny(gate, "qualified-function", at, "a function is named without its schema");
    const struct allowed *row = allowed_find(ALLOWED_FUNCTIONS, name);
    if (!row)
        return deny_function(gate, name, at);
    return check_bound(gate, row, json_object_get(call, "args"), at);
}

/* CURRENT_DATE and its like: SVFOP_CURRENT_DATE, SVFOP_LOCALTIME_N. */
static struct problem *deny_value_function(struct gate *gate, const json_t *value)
{
    const char *op = json_string_value(json_object_get(value, "op"));
    char *name = arena_text(gate->arena, op && text_starts(op, "SVFOP_") ? op + 6 : "");
    size_t length = strlen(name);
    if (length > 2 && strcmp(name + length - 2, "_N") == 0)
        name[length - 2] = '\0';
    for (char *at = name; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return deny_function(gate, name, gate_location(value));
}

static struct problem *check_type(struct gate *gate, const json_t *type)
{
    int64_t at = gate_location(type);
    const char *name = last_name(json_object_get(type, "names"));
    if (!name || json_object_get(type, "pct_type") || json_object_get(type, "setof"))
        return gate_deny(gate, "type", at, "a type is named without its schema");
    const struct allowed *row = allowed_find(ALLOWED_TYPES, name);
    if (!row)
        return gate_deny(gate, "type", at,
                         "the type %s is not on the list of types; see GET /control/functions",
                         name);
    return check_bound(gate, row, json_object_get(type, "typmods"), at);
}

/* 'now'::date: the input of the type would read the clock. */
static struct problem *check_cast(struct gate *gate, const json_t *cast)
{
    const json_t *value = json_object_get(json_object_get(cast, "arg"), "A_Const");
    const char *text = json_string_value(json_object_get(json_object_get(value, "sval"), "sval"));
    const char *type = last_name(json_object_get(json_object_get(cast, "typeName"), "names"));
    if (!text || !type)
        return NULL;
    text += strspn(text, " \t\r\n\f\v");
    for (size_t i = 0; i < COUNT(clock_types) * COUNT(clock_words); i++) {
        const char *word = clock_words[i % COUNT(clock_words)];
        if (strcmp(type, clock_types[i / COUNT(clock_words)]) == 0
            && strncasecmp(text, word, strlen(word)) == 0)
            return gate_deny(gate, "clock", gate_location(value),
                             "'%s' reads the clock: use run.as_of", word);
    }
    return NULL;
}

/* B'101' is of a type that is not on the list. */
static struct problem *check_constant(struct gate *gate, const json_t *constant)
{
    if (!json_object_get(constant, "bsval"))
        return NULL;
    return gate_deny(gate, "type", gate_location(constant),
                     "strings of bits are not on the list of types; see GET /control/functions");
}

static struct problem *check_operator(struct gate *gate, const json_t *names, int64_t at)
{
    const char *name = last_name(names);
    if (name && allowed_find(ALLOWED_OPERATORS, name))
        return NULL;
    return gate_deny(gate, "operator", at,
                     "the operator %s is not on the list of operators; see GET /control/functions",
                     name ? name : "with a schema");
}

static struct problem *check_expression(struct gate *gate, const json_t *expression)
{
    const char *kind = json_string_value(json_object_get(expression, "kind"));
    if (kind && strstr(kind, "BETWEEN")) /* its name is words; <= and >= are meant */
        return NULL;
    return check_operator(gate, json_object_get(expression, "name"), gate_location(expression));
}

/* (x).f may be a column of x or the call f(x): the parser does not know. */
static struct problem *check_indirection(struct gate *gate, const json_t *indirection)
{
    const json_t *elements = json_object_get(indirection, "indirection");
    for (size_t i = 0; i < json_array_size(elements); i++)
        if (!json_object_get(json_array_get(elements, i), "A_Indices"))
            return gate_deny(
                gate, "field-notation",
                gate_location(json_object_get(json_object_get(indirection, "arg"), "ColumnRef")),
                "(…).name may call a function: name the columns in FROM, as in FROM "
                "jsonb_each(x) AS e (key, value), and write e.key");
    return NULL;
}

static struct problem *check_column(struct gate *gate, const json_t *column)
{
    if (json_array_size(json_object_get(column, "fields")) <= 2)
        return NULL;
    return gate_deny(gate, "qualified-name", gate_location(column),
                     "a column is named alone, or behind its table: orders.id");
}

static struct problem *check_construct(struct gate *gate, const char *key, const json_t *value)
{
    size_t length = strlen(key);
    if (allowed_find(ALLOWED_NODES, key))
        return NULL;
    if (length > 4 && strcmp(key + length - 4, "Stmt") == 0)
        return gate_deny(gate, "select-only", gate_location(value),
                         "only SELECT is run here, not %.*s", (int)(length - 4), key);
    return gate_deny(gate, "construct", gate_location(value),
                     "%s is not on the list of constructs; see GET /control/functions", key);
}

/* Nodes begin with a capital letter in the tree, their members do not. A member that holds one kind
 * of node names it in no other way than by its key. */
static const struct {
    const char *key;
    struct problem *(*check)(struct gate *gate, const json_t *value);
} rules[] = {
    { "FuncCall", check_function },
    { "A_Const", check_constant },
    { "SQLValueFunction", deny_value_function },
    { "typeName", check_type },
    { "TypeName", check_type },
    { "TypeCast", check_cast },
    { "A_Expr", check_expression },
    { "A_Indirection", check_indirection },
    { "ColumnRef", check_column },
};

struct problem *gate_rule(struct gate *gate, const char *key, const json_t *value)
{
    for (size_t i = 0; i < COUNT(refused_members); i++)
        if (strcmp(key, refused_members[i].member) == 0)
            return gate_deny(gate, refused_members[i].rule, gate_location(value), "%s",
                             refused_members[i].why);
    for (size_t i = 0; i < COUNT(rules); i++)
        if (strcmp(key, rules[i].key) == 0)
            TRY(rules[i].check(gate, value));
    if (strcmp(key, "operName") == 0 || strcmp(key, "useOp") == 0)
        TRY(check_operator(gate, value, -1));
    return isupper((unsigned char)key[0]) ? check_construct(gate, key, value) : NULL;
}
