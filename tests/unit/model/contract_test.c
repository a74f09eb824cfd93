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

/* Read a contract; give its faults. */
static const char *faults_of(const char *yaml)
{
    struct faults faults;
    struct contract contract;
    faults_init(&faults, arena, 20);
    const struct document_text source = { "f", yaml, strlen(yaml), DOCUMENT_YAML };
    bool right = contract_parse(arena, &source, &contract, &faults);
    ck_assert_int_eq(right, faults.count == 0);
    if (right)
        contract_clear(&contract);
    return faults_text(arena, &faults);
}

START_TEST(a_contract_is_read)
{
    struct contract contract = contract_of(
        arena,
        HEAD "name: Orders of the shop\n"
             "description: {purpose: To be billed}\n"
             "customProperties:\n"
             "  - {property: entrepot.mode, value: upsert}\n"
             "  - {property: entrepot.badRows, value: reject}\n"
             "  - {property: other, value: [1]}\n"
             "schema:\n"
             "  - name: orders\n"
             "    businessName: All orders\n"
             "    properties:\n"
             "      - {name: line, logicalType: integer, primaryKey: true, primaryKeyPosition: 2}\n"
             "      - {name: id, logicalType: integer, physicalType: INT, primaryKey: true,\n"
             "         primaryKeyPosition: 1, businessName: Number, description: Of the order}\n"
             "      - {name: note, logicalType: string}\n");
    ck_assert_str_eq(contract.id, "shop.orders");
    ck_assert_str_eq(contract.version, "2.1.0");
    ck_assert_int_eq(contract.number.major, 2);
    ck_assert_str_eq(contract.name, "Orders of the shop");
    ck_assert_str_eq(contract.dataset, "orders");
    ck_assert_str_eq(contract.title, "All orders");
    ck_assert_str_eq(contract.description, "To be billed");
    ck_assert_int_eq(contract.mode, CONTRACT_UPSERT);
    ck_assert_uint_eq(contract.columns.count, 3);
    ck_assert_uint_eq(contract.key.count, 2);
    ck_assert_str_eq(contract.key.list[0].name, "id");
    ck_assert_int_eq(contract.key.list[0].type, COLUMN_INT32);
    ck_assert_str_eq(contract.key.list[0].title, "Number");
    ck_assert_str_eq(contract.key.list[0].description, "Of the order");
    ck_assert(contract.key.list[0].required); /* a key is never null */
    ck_assert_str_eq(contract.key.list[1].name, "line");
    ck_assert(!contract.columns.list[2].required);
    ck_assert_int_eq(contract.line, 13);
    contract_clear(&contract);
}
END_TEST

START_TEST(key_columns_without_places_are_in_written_order)
{
    struct contract contract = contract_of(
        arena,
        SCHEMA "      - {name: b, logicalType: string, primaryKey: true, primaryKeyPosition: -1}\n"
               "      - {name: a, logicalType: string, primaryKey: true}\n");
    ck_assert_str_eq(contract.key.list[0].name, "b");
    ck_assert_str_eq(contract.key.list[1].name, "a");
    ck_assert_int_eq(contract.mode, CONTRACT_REPLACE);
    ck_assert_str_eq(contract.title, "orders");
    contract_clear(&contract);
}
END_TEST

START_TEST(equal_content_has_an_equal_digest)
{
    struct contract left = contract_of(arena, SCHEMA KEY);
    struct contract right = contract_of(
        arena,
        "schema: [{properties: [{primaryKey: true, \"name\": 'id', logicalType: integer}], # same\n"
        "  name: orders}]\n" HEAD);
    struct contract other =
        contract_of(arena, SCHEMA KEY "      - {name: b, logicalType: string}\n");
    ck_assert_str_eq(left.sha256, right.sha256);
    ck_assert_str_ne(left.json, right.json); /* the order it was written in is kept */
    ck_assert_str_ne(left.sha256, other.sha256);
    const struct document_text stored = { NULL, left.json, strlen(left.json), DOCUMENT_JSON };
    struct faults faults;
    struct contract again;
    faults_init(&faults, arena, 1);
    ck_assert(contract_parse(arena, &stored, &again, &faults));
    ck_assert_str_eq(again.sha256, left.sha256);
    contract_clear(&left);
    contract_clear(&right);
    contract_clear(&other);
    contract_clear(&again);
}
END_TEST

static const struct {
    const char *property; /* members of a property but its name */
    const char *sql;      /* its type */
    int64_t shortest;
    int64_t longest;
    const char *minimum;
    const char *maximum;
    bool minimum_open;
    bool maximum_open;
} columns[] = {
    { "logicalType: string", "text", -1, -1 },
    { "logicalType: string, physicalType: TEXT", "text", -1, -1 },
    { "logicalType: string, physicalType: 'varchar(20)'", "text", -1, 20 },
    { "logicalType: string, physicalType: 'character varying ( 20 )'", "text", -1, 20 },
    { "logicalType: string, physicalType: 'varchar(20)', logicalTypeOptions: {maxLength: 30}",
      "text", -1, 20 },
    { "logicalType: string, logicalTypeOptions: {minLength: 1, maxLength: 2, format: email}",
      "text", 1, 2 },
    { "logicalType: string, physicalType: uuid", "uuid", -1, -1 },
    { "logicalType: string, physicalType: bytea", "bytea", -1, -1 },
    { "logicalType: string, physicalType: jsonb", "jsonb", -1, -1 },
    { "logicalType: integer", "int8", -1, -1 },
    { "logicalType: integer, physicalType: bigint", "int8", -1, -1 },
    { "logicalType: integer, physicalType: smallint", "int4", -1, -1 },
    { "logicalType: integer, logicalTypeOptions: {format: i32, minimum: 0, exclusiveMaximum: 9.0}",
      "int4", -1, -1, "0", "9", false, true },
    { "logicalType: integer, physicalType: bigint, logicalTypeOptions: {format: i32}", "int8", -1,
      -1 },
    { "logicalType: number", "numeric", -1, -1 },
    { "logicalType: number, physicalType: 'numeric(12,2)'", "numeric(12,2)", -1, -1 },
    { "logicalType: number, physicalType: 'DECIMAL(12)'", "numeric(12,0)", -1, -1 },
    { "logicalType: number, physicalType: double precision", "float8", -1, -1 },
    { "logicalType: number, logicalTypeOptions: {format: f64}", "float8", -1, -1 },
    { "logicalType: number, logicalTypeOptions: {exclusiveMinimum: 0.10, maximum: 1e3}", "numeric",
      -1, -1, "0.10", "1e3", true, false },
    { "logicalType: boolean, physicalType: bool", "bool", -1, -1 },
    { "logicalType: date, logicalTypeOptions: {minimum: 2026-01-31, format: yyyy-MM-dd}", "date",
      -1, -1, "2026-01-31" },
    { "logicalType: time, logicalTypeOptions: {maximum: '23:59:59.5', timezone: false}", "time", -1,
      -1, NULL, "23:59:59.5" },
    { "logicalType: timestamp, logicalTypeOptions: {minimum: '2026-01-31T00:00:00+01:00', "
      "timezone: true, defaultTimezone: Etc/UTC}",
      "timestamptz", -1, -1, "2026-01-31T00:00:00+01:00" },
    { "logicalType: object, properties: [{name: A b, logicalType: string}]", "jsonb", -1, -1 },
    { "logicalType: array, items: {logicalType: integer}", "jsonb", -1, -1 },
};

START_TEST(a_property_becomes_a_column)
{
    struct contract contract = contract_of(
        arena, arena_print(arena, SCHEMA "      - {name: a, %s}\n", columns[_i].property));
    const struct column *column = &contract.columns.list[0];
    ck_assert_str_eq(column_sql_type(arena, column), columns[_i].sql);
    ck_assert_int_eq(column->shortest, columns[_i].shortest);
    ck_assert_int_eq(column->longest, columns[_i].longest);
    ck_assert_pstr_eq(column->minimum, columns[_i].minimum);
    ck_assert_pstr_eq(column->maximum, columns[_i].maximum);
    ck_assert_int_eq(column->minimum_open, columns[_i].minimum_open);
    ck_assert_int_eq(column->maximum_open, columns[_i].maximum_open);
    contract_clear(&contract);
}
END_TEST

START_TEST(patterns_and_valid_values_are_rules_of_a_column)
{
    struct contract contract = contract_of(
        arena,
        SCHEMA "      - {name: a, logicalType: string, logicalTypeOptions: {pattern: '^x'}}\n"
               "      - name: b\n"
               "        logicalType: string\n"
               "        quality:\n"
               "          - {type: text, description: Should be short}\n"
               "          - {metric: invalidValues, mustBe: 0, arguments: {validValues: [u, v],\n"
               "             pattern: '^[uv]$'}}\n"
               "      - name: c\n"
               "        logicalType: integer\n"
               "        quality: [{metric: invalidValues, mustBe: 0, arguments: {validValues: [1, "
               "2.0]}}]\n"
               "      - name: d\n"
               "        logicalType: string\n"
               "        quality: [{metric: invalidValues, mustBeLessThan: 5, unit: percent,\n"
               "                   arguments: {validValues: [u]}}]\n");
    const struct column *list = contract.columns.list;
    ck_assert_str_eq(pattern_source(list[0].pattern), "^x");
    ck_assert_str_eq(list[1].allowed[0], "u");
    ck_assert_str_eq(list[1].allowed[1], "v");
    ck_assert_ptr_null(list[1].allowed[2]);
    ck_assert_str_eq(pattern_source(list[1].pattern), "^[uv]$");
    ck_assert_str_eq(list[2].allowed[1], "2");
    ck_assert_ptr_null(list[3].allowed); /* some may be invalid: no row is wrong by itself */
    contract_clear(&contract);
}
END_TEST

static const struct {
    const char *yaml;
    const char *faults;
} wrong[] = {
    { "a", "f:1: must be an object, not text\n" },
    { "{}",
      "f:1: a contract needs the member version\n"
      "f:1: a contract needs the member kind\n"
      "f:1: a contract needs the member apiVersion\n"
      "f:1: a contract needs the member id\n"
      "f:1: a contract needs the member status\n"
      "f:1: a contract here describes exactly one dataset: schema needs one object, not 0\n" },
    { "apiVersion: v2.2.2\nkind: Contract\nid: a b\nversion: 1\nstatus: yes\nschema: []\n",
      "f:1:/apiVersion: \"v2.2.2\" is not known here; allowed: v3.1.0, v3.0.2, v3.0.1 or v3.0.0\n"
      "f:2:/kind: \"Contract\" is not known here; allowed: DataContract\n"
      "f:3:/id: an id is part of URLs: use 1 to 200 letters, digits, . _ ~ : and -\n"
      "f:4:/version: must be text, not a number; write \"1\", with the quotes\n"
      "f:6:/schema: a contract here describes exactly one dataset: schema needs one object, not "
      "0\n" },
    { HEAD "schema:\n  - name: a\n    properties:\n      - {name: b, logicalType: string}\n"
           "  - name: c\n",
      "f:6:/schema: a contract here describes exactly one dataset: schema needs one object, not "
      "2\n" },
    { HEAD "schema: {name: a}\n", "f:6:/schema: must be a list, not an object\n" },
    { HEAD "schema: [a]\n", "f:6:/schema/0: must be an object, not text\n"
                            "f:6:/schema/0: a dataset has 1 to 500 columns: properties has 0\n" },
    { HEAD "schema:\n  - properties: []\n",
      "f:7:/schema/0: a schema object needs the member name\n"
      "f:7:/schema/0/properties: a dataset has 1 to 500 columns: properties has 0\n" },
    { HEAD "schma: 1\n", "f:1: a contract here describes exactly one dataset: schema needs one "
                         "object, not 0\n"
                         "f:6:/schma: a contract has no member of this name; is schema meant?\n" },
    { HEAD "schema:\n  - name: Orders 1\n    properties:\n" KEY,
      "f:7:/schema/0/name: \"Orders 1\" cannot be the name of a dataset: names begin with a small "
      "letter, have small letters, digits and _, and at most 48 of them\n" },
    { SCHEMA "      - {name: _a, logicalType: string}\n      - {name: b, logicalType: strng}\n"
             "      - {name: c, logicalType: string, physicalType: int}\n",
      "f:9:/schema/0/properties/0/name: \"_a\" cannot be the name of a column: names begin with a "
      "small letter, have small letters, digits and _, and at most 48 of them\n"
      "f:10:/schema/0/properties/1/logicalType: \"strng\" is not known here; allowed: string, "
      "integer, number, boolean, date, time, timestamp, object or array\n"
      "f:11:/schema/0/properties/2/physicalType: \"int\" is not known here for logicalType string; "
      "use one "
      "of: text, varchar, character varying, string, uuid, bytea, bytes, jsonb, "
      "json\n" },
    { SCHEMA "      - {name: a}\n",
      "f:9:/schema/0/properties/0: a column needs a logicalType: string, integer, number, boolean, "
      "date, time, timestamp, object or array\n" },
    { SCHEMA "      - {name: a, logicalType: number, physicalType: 'numeric(1,2)'}\n"
             "      - {name: b, logicalType: integer, physicalType: bigint(20)}\n",
      "f:9:/schema/0/properties/0/physicalType: \"numeric(1,2)\" is not known here for logicalType "
      "number; use one of: numeric, decimal, double precision, double, float8, as "
      "numeric(12,2) where digits are limited\n"
      "f:10:/schema/0/properties/1/physicalType: \"bigint(20)\" is not known here for logicalType "
      "integer; use one of: bigint, int8, integer, int, int4, smallint, int2\n" },
    { SCHEMA KEY KEY, "f:10:/schema/0/properties/1: the dataset has a column id already\n" },
    { SCHEMA "      - {name: a, logicalType: string, primaryKey: true, primaryKeyPosition: 1}\n"
             "      - {name: b, logicalType: string, primaryKey: true}\n",
      "f:8:/schema/0/properties: give every column of the key a primaryKeyPosition, or none of "
      "them\n" },
    { SCHEMA "      - {name: a, logicalType: string, primaryKey: true, primaryKeyPosition: 1}\n"
             "      - {name: b, logicalType: string, primaryKey: true, primaryKeyPosition: 3}\n",
      "f:8:/schema/0/properties: the key has 2 columns, so each place from 1 to 2 is taken once; "
      "place 2 is taken 0 times\n" },
    { SCHEMA "      - {name: a, logicalType: string, primaryKeyPosition: 1}\n"
             "      - {name: b, logicalType: string, primaryKey: true, primaryKeyPosition: 0}\n"
             "      - {name: c, logicalType: object, primaryKey: true}\n",
      "f:9:/schema/0/properties/0/primaryKeyPosition: a place in the key needs primaryKey: true\n"
      "f:10:/schema/0/properties/1/primaryKeyPosition: places in the key are counted from 1\n"
      "f:11:/schema/0/properties/2: a column of JSON cannot be in the key\n" },
    { SCHEMA "      - {name: a, logicalType: string, logicalTypeOptions: {minLength: 3, maxLength: "
             "2, pattern: '[a'}}\n"
             "      - {name: b, logicalType: string, physicalType: uuid, logicalTypeOptions: "
             "{maxLength: 2}}\n"
             "      - {name: c, logicalType: string, logicalTypeOptions: {minimum: 2, maxLength: "
             "-1}}\n",
      "f:9:/schema/0/properties/0/logicalTypeOptions/minLength: minLength is above the longest "
      "length allowed, 2\n"
      "f:9:/schema/0/properties/0/logicalTypeOptions/pattern: the pattern is broken at byte 3: "
      "missing terminating ] for character class\n"
      "f:10:/schema/0/properties/1/logicalTypeOptions/maxLength: does not fit a column of type "
      "uuid\n"
      "f:11:/schema/0/properties/2/logicalTypeOptions/minimum: a string has no member of this "
      "name\n"
      "f:11:/schema/0/properties/2/logicalTypeOptions/maxLength: must not be negative\n" },
    { SCHEMA "      - {name: a, logicalType: integer, logicalTypeOptions: {minimum: 1.5, maximum: "
             "x}}\n"
             "      - {name: b, logicalType: integer, logicalTypeOptions: {minimum: 1.5}}\n"
             "      - {name: c, logicalType: integer, physicalType: int, logicalTypeOptions: "
             "{maximum: 3000000000}}\n"
             "      - {name: d, logicalType: number, logicalTypeOptions: {minimum: 2, "
             "exclusiveMinimum: 2, maximum: 1}}\n"
             "      - {name: e, logicalType: number, logicalTypeOptions: {multipleOf: 2}}\n"
             "      - {name: f, logicalType: integer, logicalTypeOptions: {format: u128}}\n",
      "f:9:/schema/0/properties/0/logicalTypeOptions/maximum: must be a number, not text\n"
      "f:10:/schema/0/properties/1/logicalTypeOptions/minimum: \"1.5\" is not a value of the type "
      "integer\n"
      "f:11:/schema/0/properties/2/logicalTypeOptions/maximum: \"3000000000\" is not a value of "
      "the "
      "type integer\n"
      "f:12:/schema/0/properties/3/logicalTypeOptions/exclusiveMinimum: give minimum or "
      "exclusiveMinimum, not both\n"
      "f:12:/schema/0/properties/3/logicalTypeOptions: the minimum 2 is above the maximum 1\n"
      "f:13:/schema/0/properties/4/logicalTypeOptions/multipleOf: is not checked by this server "
      "yet; leave it out\n"
      "f:14:/schema/0/properties/5/logicalTypeOptions/format: the format u128 is not kept by this "
      "server; use i32, i64 or f64, and minimum and maximum for narrower ranges\n" },
    { SCHEMA "      - {name: a, logicalType: date, logicalTypeOptions: {minimum: 2026-02-30, "
             "format: dd.MM.yyyy}}\n"
             "      - {name: b, logicalType: timestamp, logicalTypeOptions: {minimum: 2026-02-28, "
             "timezone: false, defaultTimezone: Europe/Paris}}\n",
      "f:9:/schema/0/properties/0/logicalTypeOptions/minimum: \"2026-02-30\" is not a value of the "
      "type date\n"
      "f:9:/schema/0/properties/0/logicalTypeOptions/format: only the form of ISO 8601 is read: "
      "leave format out, or write yyyy-MM-dd\n"
      "f:10:/schema/0/properties/1/logicalTypeOptions/minimum: \"2026-02-28\" is not a value of "
      "the "
      "type timestamp\n"
      "f:10:/schema/0/properties/1/logicalTypeOptions/timezone: a timestamp always has a time zone "
      "here\n"
      "f:10:/schema/0/properties/1/logicalTypeOptions/defaultTimezone: only Etc/UTC is kept\n" },
    { SCHEMA "      - {name: a, logicalType: string, properties: [], quality: [{metric: rows}]}\n"
             "      - {name: b, logicalType: array, items: {logicalType: number, items: {}}}\n",
      "f:9:/schema/0/properties/0/properties: only a property of logicalType object has "
      "properties\n"
      "f:9:/schema/0/properties/0/quality/0/metric: \"rows\" is not known here; allowed: "
      "nullValues, missingValues, invalidValues, duplicateValues or rowCount\n"
      "f:9:/schema/0/properties/0/quality/0: a rule that measures needs exactly one of mustBe, "
      "mustNotBe, mustBeGreaterThan, mustBeLessThan and so on\n"
      "f:10:/schema/0/properties/1/items/items: only a property of logicalType array has items\n" },
    { SCHEMA KEY "customProperties:\n"
                 "  - {property: entrepot.mode, value: merge}\n"
                 "  - {property: entrepot.badRows, value: quarantine}\n"
                 "  - {property: entrepot.mood, value: good}\n"
                 "  - {property: entrepot.mode, value: append}\n"
                 "  - {property: x}\n",
      "f:11:/customProperties/0/value: entrepot.mode \"merge\" is not supported; supported: "
      "append, "
      "replace or upsert\n"
      "f:12:/customProperties/1/value: entrepot.badRows \"quarantine\" is not supported; "
      "supported: "
      "reject\n"
      "f:13:/customProperties/2/property: \"entrepot.mood\" is not known here; known: "
      "entrepot.mode, entrepot.badRows or entrepot.volume\n"
      "f:14:/customProperties/3: the custom property entrepot.mode is there already\n"
      "f:15:/customProperties/4: a custom property needs the member value\n" },
    { SCHEMA "      - {name: a, logicalType: string}\n"
             "customProperties: [{property: entrepot.mode, value: upsert}]\n",
      "f:7:/schema/0: entrepot.mode upsert needs a primary key: give columns primaryKey: true\n" },
    { HEAD
      "schema:\n  - name: a\n    customProperties: [{property: entrepot.mode, value: append}]\n"
      "    properties:\n" KEY,
      "f:8:/schema/0/customProperties/0/property: \"entrepot.mode\" means nothing here; properties "
      "of the server are in the customProperties at the top of the document\n" },
    { SCHEMA KEY "servers:\n"
                 "  - {server: a, type: postgres, host: h, port: 1.5, database: d, shcema: s}\n"
                 "  - {server: a, type: odata}\n"
                 "  - {server: a}\n"
                 "  - {server: a, type: api, location: here}\n"
                 "team: {members: [{name: A}]}\n"
                 "contractCreatedTs: 2026-11-20\n",
      "f:11:/servers/0/port: must be a whole number, not 1.5\n"
      "f:11:/servers/0/shcema: a server of type postgres has no member of this name; is schema "
      "meant?\n"
      "f:11:/servers/0: a server of type postgres needs the member schema\n"
      "f:12:/servers/1/type: \"odata\" is not a server type of ODCS 3.1; use api, postgres, s3, "
      "local or another of its list, or custom\n"
      "f:13:/servers/2: a server needs the member type\n"
      "f:14:/servers/3/location: must be a URI with its scheme, such as https://example.org/x\n"
      "f:15:/team/members/0: a team member needs the member username\n"
      "f:16:/contractCreatedTs: must be a date and time, such as 2026-11-20T17:31:04Z\n" },
};

START_TEST(a_wrong_contract_is_refused_with_every_reason)
{
    ck_assert_str_eq(faults_of(wrong[_i].yaml), wrong[_i].faults);
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_contract_is_read),
    TEST(key_columns_without_places_are_in_written_order),
    TEST(equal_content_has_an_equal_digest),
    TEST_EACH(a_property_becomes_a_column, columns),
    TEST(patterns_and_valid_values_are_rules_of_a_column),
    TEST_EACH(a_wrong_contract_is_refused_with_every_reason, wrong),
};

int main(void)
{
    return test_run_with("contract", cases, COUNT(cases), make_arena, drop_arena);
}
