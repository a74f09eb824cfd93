#include "functions.h"

#include <strings.h>

#define TEXT VALUE_TEXT
#define BOOL VALUE_BOOL
#define INTEGER VALUE_INTEGER
#define DECIMAL VALUE_DECIMAL
#define DOUBLE VALUE_DOUBLE
#define DATE VALUE_DATE
#define TIME VALUE_TIME
#define TIMESTAMP VALUE_TIMESTAMP
#define DURATION VALUE_DURATION

/* Unicode's white space, for trim. */
#define SPACES                                                                                     \
    "E' \\t\\n\\x0b\\f\\r\\u0085\\u00a0\\u1680\\u2000\\u2001\\u2002\\u2003\\u2004\\u2005\\u2006"   \
    "\\u2007\\u2008\\u2009\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'"

/* Lengths and places of characters are int4 in Postgres. */
#define CHARACTERS(operand) "least(greatest(" operand ", 0), 1000000000)::int4"

/* A fraction of .5 goes away from zero; Postgres rounds such doubles to the even number. */
#define ROUND_DOUBLE                                                                               \
    "(SELECT CASE WHEN abs(n - trunc(n)) >= 0.5 THEN trunc(n) + sign(n) ELSE trunc(n) END"         \
    " FROM (VALUES (%1)) AS operand (n))"

/* By zero: an infinity, or NaN, where Postgres would fail. */
#define DIVIDE(type)                                                                               \
    "(SELECT CASE WHEN n IS NULL OR d IS NULL THEN NULL WHEN d <> 0 THEN n / d"                    \
    " WHEN n = 0 OR n = 'NaN' THEN 'NaN' WHEN n > 0 THEN 'Infinity' ELSE '-Infinity' END"          \
    " FROM (VALUES ((%1)::" type ", (%2)::" type ")) AS operands (n, d))"

#define PART_OF_TIMESTAMP(part) "trunc(extract(" part " FROM %1 AT TIME ZONE 'UTC'))::int8"
#define PART_OF(part) "trunc(extract(" part " FROM %1))::int8"

/* A number outside the range of the type casts to null. */
#define INTO_INTEGER(low, high)                                                                    \
    "(SELECT CASE WHEN n BETWEEN " low " AND " high " THEN round(n)::int8 END"                     \
    " FROM (VALUES ((%1)::numeric)) AS operand (n))"
#define DOUBLE_INTO_INTEGER(low, beyond)                                                           \
    "(SELECT CASE WHEN n >= " low " AND n < " beyond " THEN n::int8 END"                           \
    " FROM (VALUES (%1)) AS operand (n))"
#define INTEGER_CASTS(name, low, high, beyond)                                                     \
    { name, { INTEGER }, INTEGER, INTO_INTEGER(low, high), true },                                 \
        { name, { DECIMAL }, INTEGER, INTO_INTEGER(low, high), true },                             \
    {                                                                                              \
        name, { DOUBLE }, INTEGER, DOUBLE_INTO_INTEGER(low, beyond), true                          \
    }

/* As they stand in JSON: UTC with Z, no zeros at the end of the fraction; INF for the infinities.
 */
#define TIMESTAMP_TEXT                                                                             \
    "(rtrim(rtrim(to_char(%1 AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), '0'), '.')"      \
    " || 'Z')"
#define DOUBLE_TEXT                                                                                \
    "(SELECT CASE n WHEN 'Infinity' THEN 'INF' WHEN '-Infinity' THEN '-INF' ELSE n::text END"      \
    " FROM (VALUES (%1)) AS operand (n))"

static const struct signature signatures[] = {
    /* arithmetic: the rows of a name go from the narrow type to the wide one */
    { "add", { INTEGER, INTEGER }, INTEGER, "(%1 + %2)" },
    { "add", { DECIMAL, DECIMAL }, DECIMAL, "(%1 + %2)" },
    { "add", { DOUBLE, DOUBLE }, DOUBLE, "(%1 + %2)" },
    { "add", { TIMESTAMP, DURATION }, TIMESTAMP, "(%1 + %2)" },
    { "add", { DURATION, TIMESTAMP }, TIMESTAMP, "(%1 + %2)" },
    { "add", { DATE, DURATION }, DATE, "(%1 + %2)::date" },
    { "add", { DURATION, DATE }, DATE, "(%1 + %2)::date" },
    { "add", { DURATION, DURATION }, DURATION, "(%1 + %2)" },
    { "sub", { INTEGER, INTEGER }, INTEGER, "(%1 - %2)" },
    { "sub", { DECIMAL, DECIMAL }, DECIMAL, "(%1 - %2)" },
    { "sub", { DOUBLE, DOUBLE }, DOUBLE, "(%1 - %2)" },
    { "sub", { TIMESTAMP, DURATION }, TIMESTAMP, "(%1 - %2)" },
    { "sub", { TIMESTAMP, TIMESTAMP }, DURATION, "(%1 - %2)" },
    { "sub", { DATE, DURATION }, DATE, "(%1 - %2)::date" },
    { "sub", { DATE, DATE }, DURATION, "((%1 - %2) * interval '1 day')" },
    { "sub", { DURATION, DURATION }, DURATION, "(%1 - %2)" },
    { "mul", { INTEGER, INTEGER }, INTEGER, "(%1 * %2)" },
    { "mul", { DECIMAL, DECIMAL }, DECIMAL, "(%1 * %2)" },
    { "mul", { DOUBLE, DOUBLE }, DOUBLE, "(%1 * %2)" },
    { "mul", { DURATION, DOUBLE }, DURATION, "(%1 * (%2)::float8)" },
    { "mul", { DOUBLE, DURATION }, DURATION, "((%1)::float8 * %2)" },
    { "div", { INTEGER, INTEGER }, INTEGER, "(%1 / %2)" },
    { "div", { DECIMAL, DECIMAL }, DECIMAL, "(%1 / %2)" },
    { "div", { DOUBLE, DOUBLE }, DOUBLE, DIVIDE("float8") },
    { "div", { DURATION, DOUBLE }, DURATION, "(%1 / (%2)::float8)" },
    { "divby", { DECIMAL, DECIMAL }, DECIMAL, DIVIDE("numeric") },
    { "divby", { DOUBLE, DOUBLE }, DOUBLE, DIVIDE("float8") },
    { "divby", { DURATION, DOUBLE }, DURATION, "(%1 / (%2)::float8)" },
    { "mod", { INTEGER, INTEGER }, INTEGER, "(%1 % %2)" },
    { "mod", { DECIMAL, DECIMAL }, DECIMAL, "(%1 % %2)" },
    { "-", { INTEGER }, INTEGER, "(- %1)" },
    { "-", { DECIMAL }, DECIMAL, "(- %1)" },
    { "-", { DOUBLE }, DOUBLE, "(- %1)" },
    { "-", { DURATION }, DURATION, "(- %1)" },
    /* text */
    { "contains", { TEXT, TEXT }, BOOL, "(strpos(%1, %2) > 0)" },
    { "startswith", { TEXT, TEXT }, BOOL, "starts_with(%1, %2)" },
    { "endswith", { TEXT, TEXT }, BOOL, "starts_with(reverse(%1), reverse(%2))" },
    { "length", { TEXT }, INTEGER, "length(%1)::int8" },
    { "indexof", { TEXT, TEXT }, INTEGER, "(strpos(%1, %2) - 1)::int8" },
    { "substring", { TEXT, INTEGER }, TEXT, "substr(%1, " CHARACTERS("%2") " + 1)" },
    { "substring",
      { TEXT, INTEGER, INTEGER },
      TEXT,
      "substr(%1, " CHARACTERS("%2") " + 1, " CHARACTERS("%3") ")" },
    { "tolower", { TEXT }, TEXT, "lower(%1)" },
    { "toupper", { TEXT }, TEXT, "upper(%1)" },
    { "trim", { TEXT }, TEXT, "btrim(%1, " SPACES ")" },
    { "concat", { TEXT, TEXT }, TEXT, "(%1 || %2)" },
    { "matchespattern", { TEXT, TEXT }, BOOL, "(%1 ~ %2)" },
    /* dates and times, all in UTC */
    { "year", { DATE }, INTEGER, PART_OF("year") },
    { "year", { TIMESTAMP }, INTEGER, PART_OF_TIMESTAMP("year") },
    { "month", { DATE }, INTEGER, PART_OF("month") },
    { "month", { TIMESTAMP }, INTEGER, PART_OF_TIMESTAMP("month") },
    { "day", { DATE }, INTEGER, PART_OF("day") },
    { "day", { TIMESTAMP }, INTEGER, PART_OF_TIMESTAMP("day") },
    { "hour", { TIME }, INTEGER, PART_OF("hour") },
    { "hour", { TIMESTAMP }, INTEGER, PART_OF_TIMESTAMP("hour") },
    { "minute", { TIME }, INTEGER, PART_OF("minute") },
    { "minute", { TIMESTAMP }, INTEGER, PART_OF_TIMESTAMP("minute") },
    { "second", { TIME }, INTEGER, PART_OF("second") },
    { "second", { TIMESTAMP }, INTEGER, PART_OF_TIMESTAMP("second") },
    { "fractionalseconds", { TIME }, DECIMAL, "(extract(second FROM %1) % 1)" },
    { "fractionalseconds",
      { TIMESTAMP },
      DECIMAL,
      "(extract(second FROM %1 AT TIME ZONE 'UTC') % 1)" },
    { "totalseconds", { DURATION }, DECIMAL, "extract(epoch FROM %1)" },
    { "totaloffsetminutes", { TIMESTAMP }, INTEGER, "(extract(second FROM %1) * 0)::int8" },
    { "date", { TIMESTAMP }, DATE, "(%1 AT TIME ZONE 'UTC')::date" },
    { "time", { TIMESTAMP }, TIME, "(%1 AT TIME ZONE 'UTC')::time" },
    { "now", { 0 }, TIMESTAMP, "" }, /* these three become literals */
    { "mindatetime", { 0 }, TIMESTAMP, "" },
    { "maxdatetime", { 0 }, TIMESTAMP, "" },
    /* numbers */
    { "round", { INTEGER }, INTEGER, "%1" },
    { "round", { DECIMAL }, DECIMAL, "round(%1)" },
    { "round", { DOUBLE }, DOUBLE, ROUND_DOUBLE },
    { "floor", { INTEGER }, INTEGER, "%1" },
    { "floor", { DECIMAL }, DECIMAL, "floor(%1)" },
    { "floor", { DOUBLE }, DOUBLE, "floor(%1)" },
    { "ceiling", { INTEGER }, INTEGER, "%1" },
    { "ceiling", { DECIMAL }, DECIMAL, "ceiling(%1)" },
    { "ceiling", { DOUBLE }, DOUBLE, "ceiling(%1)" },
    /* read by the parser in ways of their own */
    { "case", { 0 }, VALUE_NO_TYPE, "" },
    { "cast", { 0 }, VALUE_NO_TYPE, "" },
    /* casts: cast(x,Edm.String) */
    { "Edm.String", { TEXT }, TEXT, "%1" },
    { "Edm.String", { BOOL }, TEXT, "(%1)::text" },
    { "Edm.String", { INTEGER }, TEXT, "(%1)::text" },
    { "Edm.String", { DECIMAL }, TEXT, "(%1)::text" },
    { "Edm.String", { DOUBLE }, TEXT, DOUBLE_TEXT },
    { "Edm.String", { DATE }, TEXT, "to_char(%1, 'YYYY-MM-DD')" },
    { "Edm.String", { TIME }, TEXT, "(%1)::text" },
    { "Edm.String", { TIMESTAMP }, TEXT, TIMESTAMP_TEXT },
    { "Edm.String", { VALUE_UUID }, TEXT, "(%1)::text" },
    INTEGER_CASTS("Edm.Byte", "0", "255", "255.5"),
    INTEGER_CASTS("Edm.SByte", "-128", "127", "127.5"),
    INTEGER_CASTS("Edm.Int16", "-32768", "32767", "32767.5"),
    INTEGER_CASTS("Edm.Int32", "-2147483648", "2147483647", "2147483647.5"),
    INTEGER_CASTS("Edm.Int64", "-9223372036854775808", "9223372036854775807",
                  "9223372036854775808"),
    { "Edm.Decimal", { INTEGER }, DECIMAL, "(%1)::numeric" },
    { "Edm.Decimal", { DECIMAL }, DECIMAL, "%1" },
    { "Edm.Decimal", { DOUBLE }, DECIMAL, "(%1)::numeric" },
    { "Edm.Double", { INTEGER }, DOUBLE, "(%1)::float8" },
    { "Edm.Double", { DECIMAL }, DOUBLE, "(%1)::float8" },
    { "Edm.Double", { DOUBLE }, DOUBLE, "%1" },
    { "Edm.Boolean", { BOOL }, BOOL, "%1" },
    { "Edm.Date", { DATE }, DATE, "%1" },
    { "Edm.TimeOfDay", { TIME }, TIME, "%1" },
    { "Edm.DateTimeOffset", { TIMESTAMP }, TIMESTAMP, "%1" },
    { "Edm.Duration", { DURATION }, DURATION, "%1" },
    { "Edm.Guid", { VALUE_UUID }, VALUE_UUID, "%1" },
    { "Edm.Binary", { VALUE_BYTES }, VALUE_BYTES, "%1" },
    /* known to OData */
    { "isdefined", { 0 }, VALUE_NO_TYPE, NULL },
    { "isof", { 0 }, VALUE_NO_TYPE, NULL },
    { "hassubset", { 0 }, VALUE_NO_TYPE, NULL },
    { "hassubsequence", { 0 }, VALUE_NO_TYPE, NULL },
    { "geo.distance", { 0 }, VALUE_NO_TYPE, NULL },
    { "geo.intersects", { 0 }, VALUE_NO_TYPE, NULL },
    { "geo.length", { 0 }, VALUE_NO_TYPE, NULL },
};

const char *functions_name(const struct token *token)
{
    for (size_t i = 0; i < COUNT(signatures); i++)
        if (token_is(token, signatures[i].name))
            return signatures[i].name;
    return NULL;
}

bool functions_has(const char *name)
{
    for (size_t i = 0; i < COUNT(signatures); i++)
        if (strcmp(signatures[i].name, name) == 0)
            return signatures[i].sql != NULL;
    return false;
}

static size_t param_count(const struct signature *signature)
{
    size_t count = 0;
    while (count < FUNCTION_PARAMS_MAX && signature->params[count] != VALUE_NO_TYPE)
        count++;
    return count;
}

/* integer, decimal, double: each may stand where one behind it is wanted. */
static bool takes(enum value_type param, enum value_type operand)
{
    return param == operand
           || (value_is_number(param) && value_is_number(operand) && operand < param);
}

const struct signature *functions_match(const char *name, const struct term *operands, size_t count)
{
    for (size_t i = 0; i < COUNT(signatures); i++) {
        const struct signature *signature = &signatures[i];
        if (strcmp(signature->name, name) != 0 || param_count(signature) != count)
            continue;
        const struct term *operand = operands;
        size_t at = 0;
        for (; operand && takes(signature->params[at], operand->type); operand = operand->next)
            at++;
        if (!operand)
            return signature;
    }
    return NULL;
}

const char *functions_usage(struct arena *arena, const char *name)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    for (size_t i = 0; i < COUNT(signatures); i++) {
        const struct signature *signature = &signatures[i];
        if (strcmp(signature->name, name) != 0)
            continue;
        buffer_print(&out, "%s%s(", out.size ? " or " : "", name);
        for (size_t at = 0; at < param_count(signature); at++)
            buffer_print(&out, "%s%s", at ? ", " : "", value_type_name(signature->params[at]));
        buffer_add_char(&out, ')');
    }
    return arena_copy(arena, out.data, out.size);
}
