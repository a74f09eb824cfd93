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

static const struct {
    enum contract_use use;
    const char *old_properties;
    const char *new_properties;
    const char *breaks;
} changes[] = {
    { CONTRACT_OF_OUTPUT, KEY, KEY "      - {name: b, logicalType: string, required: true}\n", "" },
    { CONTRACT_OF_OUTPUT, KEY "      - {name: b, logicalType: string}\n", KEY,
      "f:7:b: the column is removed\n" },
    { CONTRACT_OF_OUTPUT, KEY "      - {name: b, logicalType: string, required: true}\n",
      KEY "      - {name: b, logicalType: string}\n",
      "f:7:b: it may become null: readers rely on a value\n" },
    { CONTRACT_OF_OUTPUT, KEY "      - {name: b, logicalType: string}\n",
      KEY "      - {name: b, logicalType: string, required: true, unique: true}\n", "" },
    { CONTRACT_OF_OUTPUT, KEY "      - {name: b, logicalType: string, unique: true}\n",
      KEY "      - {name: b, logicalType: string}\n",
      "f:7:b: it is unique no more: readers rely on that\n" },
    { CONTRACT_OF_OUTPUT, KEY "      - {name: b, logicalType: integer, physicalType: int}\n",
      KEY "      - {name: b, logicalType: integer}\n",
      "f:7:b: its type changes from int4 to int8\n" },
    { CONTRACT_OF_OUTPUT,
      KEY "      - {name: b, logicalType: number, physicalType: 'numeric(9,2)'}\n",
      KEY "      - {name: b, logicalType: number, physicalType: 'numeric(9,3)'}\n",
      "f:7:b: its type changes from numeric(9,2) to numeric(9,3)\n" },
    { CONTRACT_OF_OUTPUT, KEY "      - {name: b, logicalType: string, required: true}\n",
      "      - {name: id, logicalType: integer, required: true}\n"
      "      - {name: b, logicalType: string, primaryKey: true}\n",
      "f:7: the primary key changes\n" },
    { CONTRACT_OF_OUTPUT,
      KEY "      - {name: b, logicalType: string, logicalTypeOptions: {maxLength: 9}}\n",
      KEY "      - {name: b, logicalType: string, logicalTypeOptions: {maxLength: 5}}\n", "" },

    { CONTRACT_OF_INPUT, KEY, KEY "      - {name: b, logicalType: string}\n", "" },
    { CONTRACT_OF_INPUT, KEY, KEY "      - {name: b, logicalType: string, required: true}\n",
      "f:7:b: the column is new and required: deliveries without it were accepted\n" },
    { CONTRACT_OF_INPUT, KEY "      - {name: b, logicalType: string, required: true}\n",
      KEY "      - {name: b, logicalType: string}\n", "" },
    { CONTRACT_OF_INPUT, KEY "      - {name: b, logicalType: string}\n", KEY,
      "f:7:b: the column is removed: deliveries that have it were accepted\n" },
    { CONTRACT_OF_INPUT,
      KEY
      "      - {name: b, logicalType: string, logicalTypeOptions: {minLength: 1, maxLength: 9}}\n",
      KEY "      - {name: b, logicalType: string, required: true, unique: true,\n"
          "         logicalTypeOptions: {minLength: 2, maxLength: 5, pattern: x}}\n",
      "f:7:b: it becomes required: deliveries without it were accepted\n"
      "f:7:b: it becomes unique: deliveries with repeated values were accepted\n"
      "f:7:b: its minLength grows: shorter values were accepted\n"
      "f:7:b: its maxLength shrinks: longer values were accepted\n"
      "f:7:b: its pattern is new: values that do not match it were accepted\n" },
    { CONTRACT_OF_INPUT,
      KEY "      - {name: b, logicalType: string, logicalTypeOptions: {minLength: 2, maxLength: 5, "
          "pattern: x}}\n",
      KEY "      - {name: b, logicalType: string, logicalTypeOptions: {minLength: 1, maxLength: "
          "9}}\n",
      "" },
    { CONTRACT_OF_INPUT,
      KEY "      - {name: b, logicalType: number, logicalTypeOptions: {minimum: 0, maximum: 9}}\n",
      KEY "      - {name: b, logicalType: number, logicalTypeOptions: {exclusiveMinimum: 0, "
          "maximum: 10}}\n",
      "f:7:b: its range shrinks: values outside of it were accepted\n" },
    { CONTRACT_OF_INPUT,
      KEY "      - {name: b, logicalType: date, logicalTypeOptions: {maximum: 2026-12-31}}\n",
      KEY "      - {name: b, logicalType: date, logicalTypeOptions: {maximum: 2026-11-30}}\n",
      "f:7:b: its range shrinks: values outside of it were accepted\n" },
    { CONTRACT_OF_INPUT,
      KEY "      - {name: b, logicalType: string, quality: [{metric: invalidValues, mustBe: 0, "
          "arguments: {validValues: [u, v]}}]}\n",
      KEY "      - {name: b, logicalType: string, quality: [{metric: invalidValues, mustBe: 0, "
          "arguments: {validValues: [v, w]}}]}\n",
      "f:7:b: its list of valid values loses values that were accepted\n" },
    { CONTRACT_OF_INPUT, KEY, KEY "customProperties: [{property: entrepot.mode, value: append}]\n",
      "f:7: entrepot.mode changes from replace to append\n" },
};

START_TEST(a_change_that_breaks_others_is_told)
{
    struct contract old_contract =
        contract_of(arena, arena_print(arena, SCHEMA "%s", changes[_i].old_properties));
    struct contract new_contract =
        contract_of(arena, arena_print(arena, SCHEMA "%s", changes[_i].new_properties));
    struct faults faults;
    faults_init(&faults, arena, 20);
    bool fine = contract_compare(&old_contract, &new_contract, changes[_i].use, &faults);
    ck_assert_int_eq(fine, !*changes[_i].breaks);
    ck_assert_str_eq(faults_text(arena, &faults), changes[_i].breaks);
    new_contract.number.major++; /* a new major version may change everything */
    ck_assert(contract_compare(&old_contract, &new_contract, changes[_i].use, &faults));
    contract_clear(&old_contract);
    contract_clear(&new_contract);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_change_that_breaks_others_is_told, changes),
};

int main(void)
{
    return test_run_with("contract_compare", cases, COUNT(cases), make_arena, drop_arena);
}
