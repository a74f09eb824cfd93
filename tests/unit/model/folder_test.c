#include "faults.h"
#include "server/model/folder.h"

static struct arena *arena;

static void make_arena(void)
{
    arena = arena_new(65536);
}

static void drop_arena(void)
{
    arena_free(arena);
}

#define PRODUCT                                                                                    \
    "apiVersion: v1.0.0\n"                                                                         \
    "kind: DataProduct\n"                                                                          \
    "id: shop\n"                                                                                   \
    "version: 1.0.0\n"                                                                             \
    "status: draft\n"                                                                              \
    "inputPorts: [{name: orders, version: 1.0.0, contractId: in}]\n"                               \
    "outputPorts: [{name: daily, version: 1.3.0, contractId: out}]\n"
#define CONTRACT(id, dataset)                                                                      \
    "apiVersion: v3.1.0\n"                                                                         \
    "kind: DataContract\n"                                                                         \
    "id: " id "\n"                                                                                 \
    "version: 1.0.0\n"                                                                             \
    "status: draft\n"                                                                              \
    "schema:\n"                                                                                    \
    "  - name: " dataset "\n"                                                                      \
    "    properties:\n"                                                                            \
    "      - {name: day, logicalType: date, primaryKey: true}\n"                                   \
    "      - {name: total, logicalType: number}\n"
#define PIPELINE(output)                                                                           \
    "name: daily\n"                                                                                \
    "version: 1.0.0\n"                                                                             \
    "inputs: {orders: {dataset: input.orders}}\n"                                                  \
    "steps:\n"                                                                                     \
    "  - {name: s, output: " output ", sql_file: daily.sql}\n"

/* Files that replace or join those of a folder that is right; a text of NULL takes one away. */
#define CHANGES 4
struct change {
    const char *name;
    const char *text;
};

static const struct change right[] = {
    { "product.odps.yaml", PRODUCT },
    { "contracts/orders.odcs.yaml", CONTRACT("in", "orders") },
    { "contracts/daily.odcs.yaml", CONTRACT("out", "daily") },
    { "pipelines/daily.yaml", PIPELINE("output.daily") },
    { "pipelines/daily.sql", "SELECT day, total FROM orders\n" },
    { "README.md", "read me" },
};

/* The folder that is right, with some changes. */
static struct folder_files files_of(const struct change *changes)
{
    struct folder_file *list = arena_array_of(arena, struct folder_file, COUNT(right) + CHANGES);
    size_t count = 0;
    for (size_t i = 0; i < COUNT(right); i++) {
        bool changed = false;
        for (size_t k = 0; k < CHANGES && changes[k].name; k++)
            changed = changed || strcmp(changes[k].name, right[i].name) == 0;
        if (!changed)
            list[count++] =
                (struct folder_file){ right[i].name, right[i].text, strlen(right[i].text) };
    }
    for (size_t k = 0; k < CHANGES && changes[k].name; k++)
        if (changes[k].text)
            list[count++] =
                (struct folder_file){ changes[k].name, changes[k].text, strlen(changes[k].text) };
    return (struct folder_files){ list, count };
}

static const struct change none[CHANGES] = { { NULL, NULL } };

START_TEST(a_folder_is_read_as_one)
{
    struct faults warnings;
    struct folder folder;
    const struct folder_files files = files_of(none);
    faults_init(&warnings, arena, 10);
    ck_assert_ptr_null(folder_check(arena, &files, &warnings, &folder));
    ck_assert_str_eq(faults_text(arena, &warnings), "");
    ck_assert_str_eq(folder.product.id, "shop");
    ck_assert_uint_eq(folder.dataset_count, 2);
    ck_assert_int_eq(folder.datasets[0].use, CONTRACT_OF_INPUT);
    const struct folder_dataset *daily = folder_dataset_find(&folder, CONTRACT_OF_OUTPUT, "daily");
    ck_assert_ptr_nonnull(daily);
    ck_assert_str_eq(daily->contract->id, "out");
    ck_assert_str_eq(daily->port->version, "1.3.0");
    ck_assert_ptr_null(folder_dataset_find(&folder, CONTRACT_OF_INPUT, "daily"));
    ck_assert_uint_eq(folder.pipeline_count, 1);
    ck_assert_str_eq(folder.pipelines[0].steps[0].sql, "SELECT day, total FROM orders\n");
    ck_assert(folder.access.permits_by_default);
    folder_clear(&folder);
}
END_TEST

START_TEST(what_init_writes_is_right)
{
    struct folder_file list[16];
    const struct folder_files files = { list, folder_template(arena, list, COUNT(list)) };
    struct faults warnings;
    struct folder folder;
    faults_init(&warnings, arena, 10);
    struct problem *problem = folder_check(arena, &files, &warnings, &folder);
    ck_assert_str_eq(problem ? problem_lines(arena, problem) : "", "");
    ck_assert_str_eq(faults_text(arena, &warnings), "");
    ck_assert_uint_eq(folder.dataset_count, 2);
    ck_assert_uint_eq(folder.pipeline_count, 1);
    folder_clear(&folder);
}
END_TEST

START_TEST(a_folder_without_a_product_says_how_to_get_one)
{
    static const struct change gone[CHANGES] = { { "product.odps.yaml", NULL } };
    const struct folder_files files = files_of(gone);
    struct faults warnings;
    struct folder folder;
    faults_init(&warnings, arena, 10);
    struct problem *problem = folder_check(arena, &files, &warnings, &folder);
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_START);
    ck_assert_ptr_nonnull(strstr(problem->detail, "entrepot init"));
}
END_TEST

static const struct {
    struct change changes[CHANGES];
    const char *faults;
    const char *warnings;
} wrong[] = {
    { { { "contracts/orders.odcs.yaml", NULL } },
      "product.odps.yaml:6:/inputPorts/0/contractId: no contract in contracts/ has the id in\n",
      "" },
    /* its own faults tell enough */
    { { { "contracts/orders.odcs.yaml", "id: in\n" } },
      "contracts/orders.odcs.yaml:1: a contract needs the member version\n"
      "contracts/orders.odcs.yaml:1: a contract needs the member kind\n"
      "contracts/orders.odcs.yaml:1: a contract needs the member apiVersion\n"
      "contracts/orders.odcs.yaml:1: a contract needs the member status\n"
      "contracts/orders.odcs.yaml:1: a contract here describes exactly one dataset: schema needs "
      "one object, not 0\n",
      "" },
    { { { "contracts/orders.odcs.yaml", "a: [" } },
      "contracts/orders.odcs.yaml:2:1: broken YAML: did not find expected node content, while "
      "parsing a flow node\n",
      "" },
    { { { "contracts/orders.odcs.yaml", CONTRACT("in", "order") } },
      "product.odps.yaml:6:/inputPorts/0/name: the port and its dataset must have one name, but "
      "the "
      "contract in (contracts/orders.odcs.yaml) describes a dataset named order\n",
      "" },
    { { { "contracts/more.odcs.yaml", CONTRACT("more", "more") } },
      "contracts/more.odcs.yaml:3:/id: no port of product.odps.yaml has the contractId more in "
      "major version 1; name it there, or remove the file\n",
      "" },
    { { { "contracts/again.odcs.yaml", CONTRACT("in", "orders") } },
      "contracts/again.odcs.yaml:3:/id: contracts/orders.odcs.yaml is a contract of the same id "
      "and "
      "major version\n",
      "" },
    { { { "product.odps.yaml",
          "apiVersion: v1.0.0\nkind: DataProduct\nid: shop\nversion: 1.0.0\nstatus: draft\n"
          "inputPorts: [{name: orders, version: 2.0.0, contractId: in}]\n"
          "outputPorts: [{name: daily, version: 1.0.0, contractId: out},\n"
          "  {name: daily, version: 1.0.0, contractId: out}]\n" } },
      "product.odps.yaml:6:/inputPorts/0/version: the port is of major version 2, and the contract "
      "in is in no version of that major in contracts/\n"
      "product.odps.yaml:8:/outputPorts/1/name: a port named daily is there already, on line 7\n",
      "" },
    { { { "pipelines/daily.yaml", PIPELINE("output.weekly") } },
      "pipelines/daily.yaml:5:/steps/0/output: the product has no output port weekly; it has: "
      "output.daily\n",
      "product.odps.yaml:7:/outputPorts/0: no pipeline in the folder makes output.daily; it stays "
      "empty until one does\n" },
    { { { "pipelines/daily.yaml",
          "name: weekly\nversion: 1.0.0\ninputs: {a: {dataset: input.a}, b: {dataset: output.b}}\n"
          "steps:\n  - {name: s, output: daily, sql: SELECT 1, contract: out@2, key: [day, "
          "week]}\n" },
        { "pipelines/daily.sql", NULL } },
      "pipelines/daily.yaml:1:/name: the pipeline weekly must be in the file "
      "pipelines/weekly.yaml\n"
      "pipelines/daily.yaml:3:/inputs/a: the product has no port input.a to read from; it has: "
      "input.orders, output.daily\n"
      "pipelines/daily.yaml:3:/inputs/b: the product has no port output.b to read from; it has: "
      "input.orders, output.daily\n"
      "pipelines/daily.yaml:5:/steps/0/contract: output.daily has the contract out@1\n"
      "pipelines/daily.yaml:5:/steps/0/key: the contract of output.daily has no column week\n",
      "" },
    { { { "pipelines/other.yaml",
          "name: other\nversion: 1.0.0\nsteps: [{name: s, output: daily, sql: SELECT 1}]\n" } },
      "pipelines/other.yaml:3:/steps/0/output: the pipeline daily makes output.daily already\n",
      "" },
    { { { "access.yaml", "rules:\n"
                         "  - {name: a, effect: permit, datasets: [output.day, output.*], actions: "
                         "[read],\n"
                         "     columns: {deny: [total, totals]}}\n" } },
      "access.yaml:2:/rules/0/datasets/0: the product has no port output.day; it has: "
      "input.orders, "
      "output.daily\n"
      "access.yaml:3:/rules/0/columns/deny/1: no dataset of the rule has a column totals\n",
      "" },
    { { { "sources.yaml", "sources: [{url: https://example.org}]\n" } },
      "sources.yaml:1: sources are not supported by this version; leave the file out, and deliver "
      "data to /input\n",
      "" },
    { { { "sources.yaml", "sources:\n  []\n" },
        { "contracts/orders.yaml", "" },
        { "pipelines/spare.sql", "SELECT 1" },
        { "notes.yml", "" } },
      "",
      "contracts/orders.yaml: is not read: contracts are contracts/NAME.odcs.yaml, pipelines are "
      "pipelines/NAME.yaml and .sql files beside them\n"
      "notes.yml: is not read: contracts are contracts/NAME.odcs.yaml, pipelines are "
      "pipelines/NAME.yaml and .sql files beside them\n"
      "pipelines/spare.sql: no step of a pipeline names it as its sql_file\n" },
    { { { "contracts/daily.odcs.yaml",
          CONTRACT("out",
                   "daily") "    quality:\n      - {metric: rowCount, mustBeGreaterThan: 0}\n"
                            "      - {type: custom, engine: soda, implementation: a}\n"
                            "      - {type: text, description: Is about days}\n" } },
      "",
      "contracts/daily.odcs.yaml:13:/schema/0/quality/1: rules of the engine soda are published, "
      "but not evaluated here\n" },
    { { { "pipelines/daily.sql", "SELECT '\xff'" } },
      "pipelines/daily.sql: it is no text: it must be UTF-8 without NUL bytes\n"
      "pipelines/daily.yaml:5:/steps/0/sql_file: there is no readable file pipelines/daily.sql\n",
      "" },
    /* faults of all files are told at once, in order */
    { { { "product.odps.yaml", PRODUCT "domian: sales\n" },
        { "contracts/daily.odcs.yaml",
          CONTRACT("out", "daily") "      - {name: A, logicalType: string}\n"
                                   "      - {name: b, logicalType: text}\n" },
        { "pipelines/daily.yaml", PIPELINE("output.weekly") } },
      "contracts/daily.odcs.yaml:11:/schema/0/properties/2/name: \"A\" cannot be the name of a "
      "column: names begin with a small letter, have small letters, digits and _, and at most 48 "
      "of "
      "them\n"
      "contracts/daily.odcs.yaml:12:/schema/0/properties/3/logicalType: \"text\" is not known "
      "here; "
      "allowed: string, integer, number, boolean, date, time, timestamp, object or array\n"
      "pipelines/daily.yaml:5:/steps/0/output: the product has no output port weekly; it has: "
      "output.daily\n"
      "product.odps.yaml:8:/domian: a product has no member of this name; is domain meant?\n",
      "product.odps.yaml:7:/outputPorts/0: no pipeline in the folder makes output.daily; it stays "
      "empty until one does\n" },
};

START_TEST(a_wrong_folder_is_refused_with_every_reason)
{
    const struct folder_files files = files_of(wrong[_i].changes);
    struct faults warnings;
    struct folder folder = { 0 };
    faults_init(&warnings, arena, 10);
    struct problem *problem = folder_check(arena, &files, &warnings, &folder);
    ck_assert_int_eq(problem != NULL, *wrong[_i].faults != '\0');
    const char *lines = problem ? problem_lines(arena, problem) : "";
    if (problem)
        lines = strchr(lines, '\n') + 1; /* behind "the folder has … faults" */
    ck_assert_str_eq(lines, wrong[_i].faults);
    ck_assert_str_eq(faults_text(arena, &warnings), wrong[_i].warnings);
    folder_clear(&folder);
}
END_TEST

START_TEST(a_contract_may_be_there_in_two_major_versions)
{
    static const struct change changes[CHANGES] = {
        { "product.odps.yaml",
          "apiVersion: v1.0.0\nkind: DataProduct\nid: shop\nversion: 1.0.0\nstatus: draft\n"
          "inputPorts: [{name: daily, version: 2.0.0, contractId: out},\n"
          "             {name: orders, version: 1.0.0, contractId: in}]\n"
          "outputPorts: [{name: daily, version: 1.0.0, contractId: out}]\n" },
        { "contracts/daily2.odcs.yaml",
          "apiVersion: v3.1.0\nkind: DataContract\nid: out\nversion: 2.0.0\nstatus: draft\n"
          "schema: [{name: daily, properties: [{name: x, logicalType: string}]}]\n" },
    };
    const struct folder_files files = files_of(changes);
    struct faults warnings;
    struct folder folder = { 0 };
    faults_init(&warnings, arena, 10);
    struct problem *problem = folder_check(arena, &files, &warnings, &folder);
    ck_assert_str_eq(problem ? problem_lines(arena, problem) : "", "");
    ck_assert_int_eq(
        folder_dataset_find(&folder, CONTRACT_OF_INPUT, "daily")->contract->number.major, 2);
    ck_assert_int_eq(
        folder_dataset_find(&folder, CONTRACT_OF_OUTPUT, "daily")->contract->number.major, 1);
    folder_clear(&folder);
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_folder_is_read_as_one),
    TEST(what_init_writes_is_right),
    TEST(a_folder_without_a_product_says_how_to_get_one),
    TEST_EACH(a_wrong_folder_is_refused_with_every_reason, wrong),
    TEST(a_contract_may_be_there_in_two_major_versions),
};

int main(void)
{
    return test_run_with("folder", cases, COUNT(cases), make_arena, drop_arena);
}
