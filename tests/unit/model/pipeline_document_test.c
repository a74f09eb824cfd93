#include "faults.h"
#include "server/model/pipeline_document.h"

static struct arena *arena;

static void make_arena(void)
{
    arena = arena_new(65536);
}

static void drop_arena(void)
{
    arena_free(arena);
}

static const struct document_text sql_files[] = {
    { "daily.sql", "SELECT 1\n", 9, DOCUMENT_YAML },
    { "blank.sql", " \n", 2, DOCUMENT_YAML },
};
static const struct pipeline_files files = { sql_files, COUNT(sql_files) };

#define HEAD                                                                                       \
    "name: daily\n"                                                                                \
    "version: 1.0.0\n"
#define STEPS "steps: [{name: s, output: output.daily, sql: SELECT 1}]\n"

START_TEST(a_pipeline_is_read)
{
    struct pipeline_document document;
    struct faults faults;
    faults_init(&faults, arena, 20);
    ck_assert(pipeline_document_read(arena,
                                     yaml_node(arena, HEAD
                                               "description: By day\n"
                                               "inputs:\n"
                                               "  orders: {dataset: input.orders}\n"
                                               "  before: {dataset: output.archive, snapshot: 41}\n"
                                               "  people: {dataset: people, snapshot: current}\n"
                                               "parameters:\n"
                                               "  since: {type: date, required: true}\n"
                                               "  top: {type: integer, default: 10}\n"
                                               "  exact: {type: boolean, default: false}\n"
                                               "  share: {type: number, default: 0.10}\n"
                                               "  label: {type: string}\n"
                                               "steps:\n"
                                               "  - name: clean\n"
                                               "    sql: |\n"
                                               "      SELECT 1\n"
                                               "  - name: result\n"
                                               "    output: daily\n"
                                               "    mode: merge\n"
                                               "    key: [day, country]\n"
                                               "    contract: shop.daily@2\n"
                                               "    sql_file: daily.sql\n"
                                               "limits: {timeout_s: 60, rows: 1000, bytes: 2000}\n"
                                               "quality: warn\n"
                                               "retention: {snapshots: 30, days: 90}\n"
                                               "tests:\n"
                                               "  - {name: t, step: result, given: {clean: []}, "
                                               "expect: [{a: 1}]}\n"
                                               "triggers: []\n"),
                                     &files, &document, &faults));
    ck_assert_str_eq(document.name, "daily");
    ck_assert_uint_eq(document.input_count, 3);
    ck_assert_str_eq(document.inputs[0].name, "orders");
    ck_assert_int_eq(document.inputs[0].layer, PIPELINE_INPUT);
    ck_assert_str_eq(document.inputs[0].dataset, "orders");
    ck_assert_int_eq(document.inputs[0].snapshot, 0);
    ck_assert_int_eq(document.inputs[1].layer, PIPELINE_OUTPUT);
    ck_assert_int_eq(document.inputs[1].snapshot, 41);
    ck_assert_int_eq(document.inputs[2].layer, PIPELINE_INPUT);
    ck_assert_uint_eq(document.parameter_count, 5);
    ck_assert_int_eq(document.parameters[0].type, COLUMN_DATE);
    ck_assert(document.parameters[0].required);
    ck_assert_str_eq(document.parameters[1].fallback, "10");
    ck_assert_str_eq(document.parameters[2].fallback, "false");
    ck_assert_str_eq(document.parameters[3].fallback, "0.10");
    ck_assert_ptr_null(document.parameters[4].fallback);
    ck_assert_uint_eq(document.step_count, 2);
    ck_assert_str_eq(document.steps[0].sql, "SELECT 1\n");
    ck_assert_int_eq(document.steps[0].sql_line, 17);
    ck_assert_ptr_null(document.steps[0].output);
    ck_assert_ptr_null(document.steps[0].key);
    ck_assert_int_eq(document.steps[0].contract_major, -1);
    ck_assert_str_eq(document.steps[1].output, "daily");
    ck_assert_str_eq(document.steps[1].key[1], "country");
    ck_assert_ptr_null(document.steps[1].key[2]);
    ck_assert_str_eq(document.steps[1].contract, "shop.daily");
    ck_assert_int_eq(document.steps[1].contract_major, 2);
    ck_assert_str_eq(document.steps[1].sql_file, "daily.sql");
    ck_assert_str_eq(document.steps[1].sql, "SELECT 1\n");
    ck_assert_int_eq(document.limits.timeout_s, 60);
    ck_assert_int_eq(document.limits.rows, 1000);
    ck_assert_int_eq(document.limits.bytes, 2000);
    ck_assert_int_eq(document.steps[0].mode, PIPELINE_FULL);
    ck_assert_int_eq(document.steps[1].mode, PIPELINE_MERGE);
    ck_assert_int_eq(document.quality, PIPELINE_WARN);
    ck_assert_int_eq(document.retention.snapshots, 30);
    ck_assert_int_eq(document.retention.days, 90);
    ck_assert_uint_eq(document.case_count, 1);
    ck_assert_uint_eq(document.cases[0].step, 1);
    ck_assert_str_eq(document.cases[0].name, "t");
}
END_TEST

START_TEST(the_sql_of_a_file_is_part_of_the_document)
{
    struct pipeline_document of_file;
    struct pipeline_document whole;
    struct faults faults;
    faults_init(&faults, arena, 20);
    ck_assert(pipeline_document_read(
        arena, yaml_node(arena, HEAD "steps: [{name: s, output: o, sql_file: daily.sql}]\n"),
        &files, &of_file, &faults));
    ck_assert_str_eq(of_file.json, "{\"name\":\"daily\",\"version\":\"1.0.0\",\"steps\":[{\"name\":"
                                   "\"s\",\"output\":\"o\",\"sql\":\"SELECT 1\\n\"}]}");
    const struct document_text stored = { NULL, of_file.json, strlen(of_file.json), DOCUMENT_JSON };
    ck_assert_ptr_null(pipeline_document_parse(arena, &stored, &whole));
    ck_assert_str_eq(whole.sha256, of_file.sha256);
}
END_TEST

static const struct {
    const char *yaml;
    const char *faults;
} wrong[] = {
    { "{}", "f:1: a pipeline needs the member name\n"
            "f:1: a pipeline needs the member version\n"
            "f:1: a pipeline needs the member steps\n" },
    { "name: Daily\nversion: '1'\nquality: strict\nretention: {days: 0}\n" STEPS,
      "f:1:/name: \"Daily\" cannot be the name of a pipeline: names begin with a small letter, "
      "have "
      "small letters, digits and _, and at most 48 of them\n"
      "f:2:/version: \"1\" is no version; use MAJOR.MINOR.PATCH, such as 1.0.0\n"
      "f:3:/quality: \"strict\" is not known here; allowed: enforce, warn or off\n"
      "f:4:/retention/days: must be from 1 to 36500\n" },
    { HEAD STEPS "inputs: {a: {dataset: input.a, delivery: 3, snapshot: 2}, b: {dataset: output.b, "
                 "delivery: 3}}\n",
      "f:4:/inputs/a/delivery: one of snapshot and delivery pins an input, not both\n"
      "f:4:/inputs/b/delivery: an output has snapshots; deliveries are of inputs\n" },
    { HEAD STEPS "tests:\n"
                 "  - {step: s, given: {a: []}, expect: []}\n"
                 "  - {step: t, expect: []}\n"
                 "  - {step: s, given: {this: [1]}, expect: [a]}\n"
                 "  - {step: s}\n",
      "f:5:/tests/0/given/a: the step s reads no a\n"
      "f:6:/tests/1/step: there is no step of this name\n"
      "f:7:/tests/2/given/this/0: a row is an object of columns and values\n"
      "f:7:/tests/2/expect/0: a row is an object of columns and values\n"
      "f:8:/tests/3: a test needs the member expect\n" },
    { HEAD "steps: []\n", "f:3:/steps: a pipeline needs at least one step\n" },
    { HEAD "steps: [{name: a, sql: SELECT 1}]\n",
      "f:3:/steps: no step has an output, so the pipeline would publish nothing\n" },
    { HEAD "triggers: {cron: x}\n" STEPS, "f:3:/triggers: must be a list, not an object\n" },
    { HEAD "inputs:\n"
           "  run: {dataset: input.a}\n"
           "  b: {dataset: data.a}\n"
           "  c: {dataset: input.a, snapshot: latest}\n"
           "  d: {dataset: input.a, snapshot: 0}\n"
           "  e: {from: a}\n"
           "  f: input.a\n" STEPS,
      "f:4:/inputs/run: an input cannot be named run: in a step run is the run itself, and this "
      "the snapshot before\n"
      "f:5:/inputs/b/dataset: \"data.a\" is no dataset; write input.NAME for what is delivered to "
      "the product, output.NAME for what it publishes\n"
      "f:6:/inputs/c/snapshot: must be current, or the number of a snapshot\n"
      "f:7:/inputs/d/snapshot: must be current, or the number of a snapshot\n"
      "f:8:/inputs/e/from: an input has no member of this name\n"
      "f:8:/inputs/e: an input needs the member dataset\n"
      "f:9:/inputs/f: must be an object, not text\n" },
    { HEAD "parameters:\n"
           "  id: {type: integer}\n"
           "  b: {type: int}\n"
           "  c: {type: integer, default: 1.5}\n"
           "  d: {type: date, default: 2026-02-30}\n"
           "  e: {type: string, default: 1}\n"
           "  f: {type: string, required: true, default: x}\n" STEPS,
      "f:4:/parameters/id: run.id is there already: it is of the run itself\n"
      "f:5:/parameters/b/type: \"int\" is not known here; allowed: boolean, integer, number, "
      "string, date, time or timestamp\n"
      "f:6:/parameters/c/default: is not a value of the type integer\n"
      "f:7:/parameters/d/default: is not a value of the type date\n"
      "f:8:/parameters/e/default: is not a value of the type string\n"
      "f:9:/parameters/f/default: a parameter that is required cannot have a default\n" },
    { HEAD "inputs: {a: {dataset: input.a}, z: {dataset: output.x}}\n"
           "steps:\n"
           "  - {name: a, sql: SELECT 1}\n"
           "  - {name: this, sql: SELECT 1}\n"
           "  - {name: b, sql: ' '}\n"
           "  - {name: b}\n"
           "  - {name: c, sql: SELECT 1, sql_file: daily.sql}\n"
           "  - {name: d, sql_file: ../daily.sql}\n"
           "  - {name: e, sql_file: weekly.sql}\n"
           "  - {name: f, sql_file: blank.sql}\n"
           "  - {name: g, sql: SELECT 1, output: input.x}\n"
           "  - {name: h, sql: SELECT 1, output: output.x}\n"
           "  - {name: i, sql: SELECT 1, output: x, mode: upsert, key: [], contract: '@1'}\n"
           "  - {name: j, sql: SELECT 1, output: y, key: [], contract: x@y}\n"
           "  - {name: k, sql: SELECT 1, mode: full, key: [a]}\n"
           "  - {nam: l, sql: SELECT 1}\n",
      "f:3:/inputs/z: the step g writes to this output; a pipeline cannot read what it makes\n"
      "f:3:/inputs/z: the step h writes to this output; a pipeline cannot read what it makes\n"
      "f:5:/steps/0/name: an input is named a already\n"
      "f:6:/steps/1/name: a step cannot be named this: in a step run is the run itself, and this "
      "the snapshot before\n"
      "f:7:/steps/2/sql: there is no SQL in it\n"
      "f:8:/steps/3/name: a step is named b already\n"
      "f:8:/steps/3: a step needs its SELECT: one of sql and sql_file\n"
      "f:9:/steps/4: a step needs its SELECT: one of sql and sql_file\n"
      "f:10:/steps/5/sql_file: \"../daily.sql\" must be the name of a .sql file beside the "
      "pipeline, without a folder\n"
      "f:11:/steps/6/sql_file: there is no readable file pipelines/weekly.sql\n"
      "f:12:/steps/7/sql_file: there is nothing in pipelines/blank.sql\n"
      "f:13:/steps/8/output: a step cannot write to an input; write output.NAME\n"
      "f:14:/steps/9/output: the step g writes to it already\n"
      "f:15:/steps/10/mode: \"upsert\" is not known here; allowed: full, append, merge or scd2\n"
      "f:16:/steps/11/key: must name at least one column; leave it out to use the contract's key\n"
      "f:16:/steps/11/contract: must be the id of a contract, or the id, @ and a major version: "
      "orders@2\n"
      "f:17:/steps/12/mode: means nothing without an output; a step without one is private to the "
      "run\n"
      "f:17:/steps/12/key: means nothing without an output; a step without one is private to the "
      "run\n"
      "f:18:/steps/13/nam: a step has no member of this name; is name meant?\n"
      "f:18:/steps/13: a step needs the member name\n" },
    { HEAD "limits: {timeout_s: 0, rows: -1, bytes: 1.5, temp: 1}\n" STEPS,
      "f:3:/limits/bytes: must be a whole number, not 1.5\n"
      "f:3:/limits/temp: the limits of a pipeline has no member of this name\n"
      "f:3:/limits/timeout_s: must be from 1 to 86400\n"
      "f:3:/limits/rows: must be from 1 to 9223372036854775807\n"
      "f:3:/limits/bytes: must be from 1 to 9223372036854775807\n" },
};

START_TEST(a_wrong_pipeline_is_refused_with_every_reason)
{
    struct pipeline_document document;
    struct faults faults;
    faults_init(&faults, arena, 40);
    ck_assert(!pipeline_document_read(arena, yaml_node(arena, wrong[_i].yaml), &files, &document,
                                      &faults));
    ck_assert_str_eq(faults_text(arena, &faults), wrong[_i].faults);
}
END_TEST

START_TEST(a_request_carries_its_sql_itself)
{
    struct pipeline_document document;
    const char *json = "{\"name\":\"a\",\"version\":\"1.0.0\",\n"
                       " \"steps\":[{\"name\":\"s\",\"output\":\"o\",\"sql_file\":\"a.sql\"}]}";
    const struct document_text body = { NULL, json, strlen(json), DOCUMENT_JSON };
    struct problem *problem = pipeline_document_parse(arena, &body, &document);
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_INVALID_DOCUMENT);
    ck_assert_int_eq(problem->faults->line, 2);
    ck_assert_str_eq(problem->faults->path, "/steps/0/sql_file");
    ck_assert_str_eq(problem->faults->reason,
                     "only a folder has SQL files; send the text as the member sql");
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_pipeline_is_read),
    TEST(the_sql_of_a_file_is_part_of_the_document),
    TEST_EACH(a_wrong_pipeline_is_refused_with_every_reason, wrong),
    TEST(a_request_carries_its_sql_itself),
};

int main(void)
{
    return test_run_with("pipeline_document", cases, COUNT(cases), make_arena, drop_arena);
}
