/* Quality rules read from contracts: what each means, and what is refused. */
#include "contracts.h"

static struct arena *arena;

static void make_arena(void)
{
    arena = arena_new(65536);
}

static void drop_arena(void)
{
    arena_free(arena);
}

static const char *faults_of(const char *yaml)
{
    struct faults faults;
    struct contract contract;
    faults_init(&faults, arena, 20);
    const struct document_text source = { "f", yaml, strlen(yaml), DOCUMENT_YAML };
    if (contract_parse(arena, &source, &contract, &faults))
        contract_clear(&contract);
    return faults_text(arena, &faults);
}

static const struct quality_rule *rule_of(const struct contract *contract, const char *name)
{
    for (size_t i = 0; i < contract->rules.count; i++)
        if (strcmp(contract->rules.list[i].name, name) == 0)
            return &contract->rules.list[i];
    ck_abort_msg("no rule is named %s", name);
}

#define CODE(rules) SCHEMA KEY "      - {name: code, logicalType: string, quality: [" rules "]}\n"
#define OBJECT(rules) SCHEMA KEY "    quality: [" rules "]\n"

static const struct {
    const char *yaml;
    const char *name;
    enum quality_metric metric;
    enum quality_severity severity;
    enum quality_operator op;
    double low;
    double high;
    size_t columns;
} rules[] = {
    { SCHEMA KEY, "primaryKey", QUALITY_PRIMARY_KEY, .columns = 1 },
    { SCHEMA KEY, "id.required", QUALITY_REQUIRED, .columns = 1 },
    { OBJECT("{metric: rowCount, mustBeGreaterThan: 3}"), "rowCount", QUALITY_ROW_COUNT,
      .op = QUALITY_MUST_BE_GREATER_THAN, .low = 3 },
    { OBJECT("{metric: rowCount, mustBe: 3}, {metric: rowCount, mustNotBe: 4}"), "rowCount (2)",
      QUALITY_ROW_COUNT, .op = QUALITY_MUST_NOT_BE, .low = 4 },
    { OBJECT("{id: few, name: Few, metric: rowCount, mustBeBetween: [1, 2.5], severity: info}"),
      "few", QUALITY_ROW_COUNT, QUALITY_SEVERITY_INFO, QUALITY_MUST_BE_BETWEEN, 1, 2.5 },
    { OBJECT("{name: One each, metric: duplicateValues, mustBe: 0, severity: warning, arguments: "
             "{properties: [id]}}"),
      "One each", QUALITY_DUPLICATE_VALUES, QUALITY_SEVERITY_WARNING, .columns = 1 },
    { CODE("{metric: nullValues, mustBeLessOrEqualTo: 5, unit: percent}"), "code.nullValues",
      QUALITY_NULL_VALUES, .op = QUALITY_MUST_BE_LESS_OR_EQUAL_TO, .low = 5, .columns = 1 },
    { CODE("{type: sql, query: 'SELECT true', mustBe: true}"), "code.sql", QUALITY_SQL, .low = 1,
      .columns = 1 },
    { CODE("{type: custom, engine: soda, implementation: x}"), "code.custom", QUALITY_CUSTOM,
      .columns = 1 },
    { CODE("{description: for people}"), "code.text", QUALITY_TEXT, .columns = 1 },
};

START_TEST(a_rule_is_read)
{
    struct contract contract = contract_of(arena, rules[_i].yaml);
    const struct quality_rule *rule = rule_of(&contract, rules[_i].name);
    ck_assert_int_eq(rule->metric, rules[_i].metric);
    ck_assert_int_eq(rule->severity, rules[_i].severity);
    ck_assert_int_eq(rule->threshold.op, rules[_i].op);
    ck_assert(rule->threshold.low == rules[_i].low && rule->threshold.high == rules[_i].high);
    ck_assert_uint_eq(rule->columns.count, rules[_i].columns);
    contract_clear(&contract);
}
END_TEST

static const struct {
    const char *query;
    const char *filled;
} queries[] = {
    { "SELECT count(*) FROM ${object}", "SELECT count(*) FROM \"orders\"" },
    { "SELECT count({property}) FROM {table}", "SELECT count(\"code\") FROM \"orders\"" },
    { "SELECT \"${column}\" FROM \"{model}\"", "SELECT \"code\" FROM \"orders\"" },
    { "SELECT '{1,2}'::int[] = ARRAY[1], '{other}'",
      "SELECT '{1,2}'::int[] = ARRAY[1], '{other}'" },
    { "SELECT $1 {", "SELECT $1 {" },
};

START_TEST(placeholders_become_names)
{
    struct contract contract = contract_of(
        arena, arena_print(arena, CODE("{type: sql, mustBe: 0, query: %s}"),
                           node_json(arena, &(struct node){ .kind = NODE_TEXT,
                                                            .text = queries[_i].query })));
    ck_assert_str_eq(rule_of(&contract, "code.sql")->query, queries[_i].filled);
    contract_clear(&contract);
}
END_TEST

START_TEST(service_levels_are_rules_or_an_age)
{
    struct contract contract = contract_of(
        arena, SCHEMA KEY "      - {name: at, logicalType: timestamp}\n"
                          "slaProperties:\n"
                          "  - {property: Latency, value: 4, unit: h, element: 'orders.at, at'}\n"
                          "  - {property: latency, value: 1.5, unit: days}\n"
                          "  - {property: availability, value: 99}\n"
                          "customProperties: [{property: entrepot.volume, value: {severity: "
                          "warning, mustBeGreaterThan: 50}}]\n");
    ck_assert(rule_of(&contract, "at.latency")->threshold.low == 14400);
    ck_assert_ptr_nonnull(rule_of(&contract, "at.latency (2)"));
    ck_assert_int_eq(contract.rules.age_limit_s, 129600);
    ck_assert_int_eq(rule_of(&contract, "volume")->snapshots, 10);
    ck_assert_int_eq(rule_of(&contract, "volume")->severity, QUALITY_SEVERITY_WARNING);
    contract_clear(&contract);
}
END_TEST

START_TEST(relationships_lead_to_columns)
{
    struct contract contract =
        contract_of(arena, SCHEMA
                    "      - {id: the_code, name: code, logicalType: string, relationships: [{to: "
                    "codes.code}]}\n"
                    "      - {name: number, logicalType: integer}\n"
                    "    relationships:\n"
                    "      - {from: [orders.code, orders.number], to: [lines.a, lines.b]}\n"
                    "      - {from: schema/orders/properties/the_code, to: "
                    "/schema/orders/properties/code}\n"
                    "      - {from: orders.code, to: 'other.yaml#/schema/a/properties/b'}\n");
    const struct quality_rule *rule = rule_of(&contract, "code -> codes.code");
    ck_assert_str_eq(rule->target.dataset, "codes");
    ck_assert_str_eq(rule->target.columns[0], "code");
    rule = rule_of(&contract, "code, number -> lines.a, lines.b");
    ck_assert_uint_eq(rule->columns.count, 2);
    ck_assert_str_eq(rule->target.columns[1], "b");
    ck_assert_str_eq(rule_of(&contract, "code -> /schema/orders/properties/code")->target.dataset,
                     "orders");
    ck_assert_ptr_null(
        rule_of(&contract, "code -> other.yaml#/schema/a/properties/b")->target.dataset);
    contract_clear(&contract);
}
END_TEST

#define AT_CODE "f:10:/schema/0/properties/1/quality/0"
#define AT_OBJECT "f:10:/schema/0/quality/0"

static const struct {
    const char *yaml;
    const char *faults;
} wrong[] = {
    { CODE("{metric: rowCount, mustBe: 1}"),
      AT_CODE ": rowCount is measured of the schema object, not of a property\n" },
    { OBJECT("{metric: nullValues, mustBe: 1}"),
      AT_OBJECT ": nullValues is measured of a property\n" },
    { CODE("{metric: nullValues, mustBe: '1'}"), AT_CODE "/mustBe: must be a number\n" },
    { CODE("{metric: nullValues, mustBe: true}"), AT_CODE "/mustBe: must be a number\n" },
    { CODE("{metric: nullValues, mustBeBetween: [2, 1]}"),
      AT_CODE "/mustBeBetween: must be two numbers, the smaller one first\n" },
    { CODE("{metric: nullValues, mustBe: 1, unit: per mille}"),
      AT_CODE "/unit: is not understood: rows or percent\n" },
    { OBJECT("{metric: rowCount, mustBe: 1, unit: percent}"),
      AT_OBJECT "/unit: all rows are always 100 percent: count them in rows\n" },
    { CODE("{metric: nullValues, mustBe: 1, severity: high}"),
      AT_CODE "/severity: is not understood: error keeps rows from being published, warning and "
              "info are only told\n" },
    { CODE("{metric: nullValues, mustBe: 1, arguments: {values: [1]}}"),
      AT_CODE "/arguments/values: nullValues takes no argument of this name\n" },
    { CODE("{metric: missingValues, mustBe: 1}"),
      AT_CODE ": missingValues needs arguments.missingValues\n" },
    { CODE("{metric: invalidValues, mustBe: 1}"),
      AT_CODE ": invalidValues needs arguments.validValues or arguments.pattern\n" },
    { CODE("{metric: missingValues, mustBe: 1, arguments: {missingValues: [1]}}"),
      AT_CODE "/arguments/missingValues/0: is not a value of the type text\n" },
    { CODE("{metric: invalidValues, mustBeLessThan: 1, arguments: {pattern: '('}}"), AT_CODE
      "/arguments/pattern: the pattern is broken at byte 2: missing closing parenthesis\n" },
    { CODE("{metric: duplicateValues, mustBe: 1, arguments: {properties: [id]}}"),
      AT_CODE "/arguments/properties: a rule of a property is about that property: give properties "
              "to a rule of the schema object\n" },
    { OBJECT("{metric: duplicateValues, mustBe: 1}"),
      AT_OBJECT ": arguments.properties must name the columns whose values together are unique\n" },
    { OBJECT("{metric: duplicateValues, mustBe: 1, arguments: {properties: [id, number]}}"),
      AT_OBJECT "/arguments/properties/1: \"number\" is no column of orders\n" },
    { OBJECT("{type: sql, mustBe: 1, query: 'SELECT count({property}) FROM {object}'}"), AT_OBJECT
      "/query: {property} stands for a property, but this rule is of the schema object\n" },
    { OBJECT("{type: sql, mustBe: 1, query: 'SELECT ${what}'}"),
      AT_OBJECT "/query: ${what} is not understood: ${object} and ${property} are\n" },
    { SCHEMA KEY "    relationships: [{from: orders.no, to: lines.a}]\n",
      "f:10:/schema/0/relationships/0/from: \"orders.no\" is no column of orders\n" },
    { SCHEMA KEY "    relationships: [{from: [orders.id], to: [lines.a, lines.b]}]\n",
      "f:10:/schema/0/relationships/0/to: must name as many columns as it is from: 1\n" },
    { SCHEMA KEY "    relationships: [{from: orders.id, to: lines.a, customProperties: [{property: "
                 "entrepot.severity, value: no}]}]\n",
      "f:10:/schema/0/relationships/0/customProperties/0/value: is not understood: error keeps "
      "rows "
      "from being published, warning and info are only told\n" },
    { SCHEMA KEY "slaProperties: [{property: latency, value: 4, unit: h, element: id}]\n",
      "f:10:/slaProperties/0/element: latency is that of a date or a timestamp; id is of type "
      "integer\n" },
    { SCHEMA KEY "slaProperties: [{property: latency, value: 4, unit: fortnight}]\n",
      "f:10:/slaProperties/0/unit: a latency needs a unit: s, min, h, d, w, month or y\n" },
    { SCHEMA KEY "customProperties: [{property: entrepot.volume, value: {snapshots: 0, mustBe: "
                 "5}}]\n",
      "f:10:/customProperties/0/value/mustBe: entrepot.volume has no member of this name\n" },
    { SCHEMA KEY "customProperties: [{property: entrepot.volume, value: {snapshots: 0}}]\n",
      "f:10:/customProperties/0/value/snapshots: must be a number from 1 to 1000\n"
      "f:10:/customProperties/0/value: a rule that measures needs mustBe, mustBeLessThan, …\n" },
};

START_TEST(a_rule_that_cannot_be_understood_is_refused_with_its_place)
{
    ck_assert_str_eq(faults_of(wrong[_i].yaml), wrong[_i].faults);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_rule_is_read, rules),
    TEST_EACH(placeholders_become_names, queries),
    TEST(service_levels_are_rules_or_an_age),
    TEST(relationships_lead_to_columns),
    TEST_EACH(a_rule_that_cannot_be_understood_is_refused_with_its_place, wrong),
};

int main(void)
{
    return test_run_with("contract_quality", cases, COUNT(cases), make_arena, drop_arena);
}
