/* What a new version of a contract would break for those who use the old one. */
#include "contract.h"

#include <stdlib.h>
#include <string.h>

/* Where a fault is shown: the new contract's file and the column it is about. */
struct comparison {
    const struct contract *new_contract;
    struct faults *faults;
};

static void broken(const struct comparison *comparison, const char *column, const char *reason)
{
    faults_add(comparison->faults, comparison->new_contract->file, comparison->new_contract->line,
               column, "%s", reason);
}

static bool same_type(const struct column *old_column, const struct column *new_column)
{
    return old_column->type == new_column->type && old_column->precision == new_column->precision
           && old_column->scale == new_column->scale;
}

static const char *type_text(const struct comparison *comparison, const struct column *column)
{
    return column_sql_type(comparison->faults->arena, column);
}

/* A dataset of one major version has one table: even a wider type would be another table. */
static void compare_type(const struct comparison *comparison, const struct column *old_column,
                         const struct column *new_column)
{
    if (same_type(old_column, new_column))
        return;
    broken(comparison, new_column->name,
           arena_print(comparison->faults->arena, "its type changes from %s to %s",
                       type_text(comparison, old_column), type_text(comparison, new_column)));
}

/* Is every text of the new list in the old one? No list: all values. */
static bool list_holds(const char *const *whole, const char *const *part)
{
    if (!whole)
        return true;
    if (!part)
        return false;
    for (; *part; part++) {
        const char *const *value = whole;
        while (*value && strcmp(*value, *part) != 0)
            value++;
        if (!*value)
            return false;
    }
    return true;
}

/* Does a lower bound (or with sign -1 an upper one) leave out values that were allowed before? */
static bool bound_narrows(const struct column *column, const char *old_bound, bool old_open,
                          const char *new_bound, bool new_open, int sign)
{
    if (!new_bound)
        return false;
    if (!old_bound)
        return true;
    int order;
    if (column->type == COLUMN_DATE || column->type == COLUMN_TIME
        || column->type == COLUMN_TIMESTAMP) {
        order = strcmp(new_bound, old_bound);
    } else {
        double a = strtod(new_bound, NULL);
        double b = strtod(old_bound, NULL);
        order = a < b ? -1 : a > b;
    }
    return order * sign > 0 || (order == 0 && new_open && !old_open);
}

/* What was sent and accepted before must be accepted still. */
static void compare_rules(const struct comparison *comparison, const struct column *old_column,
                          const struct column *new_column)
{
    const char *name = new_column->name;
    if (!old_column->required && new_column->required)
        broken(comparison, name, "it becomes required: deliveries without it were accepted");
    if (!old_column->unique && new_column->unique)
        broken(comparison, name,
               "it becomes unique: deliveries with repeated values were accepted");
    if (new_column->shortest > old_column->shortest && new_column->shortest > 0)
        broken(comparison, name, "its minLength grows: shorter values were accepted");
    if (new_column->longest >= 0
        && (old_column->longest < 0 || new_column->longest < old_column->longest))
        broken(comparison, name, "its maxLength shrinks: longer values were accepted");
    if (new_column->pattern
        && (!old_column->pattern
            || strcmp(pattern_source(old_column->pattern), pattern_source(new_column->pattern))
                   != 0))
        broken(comparison, name, "its pattern is new: values that do not match it were accepted");
    if (!list_holds(new_column->allowed, old_column->allowed))
        broken(comparison, name, "its list of valid values loses values that were accepted");
    if (bound_narrows(new_column, old_column->minimum, old_column->minimum_open,
                      new_column->minimum, new_column->minimum_open, 1)
        || bound_narrows(new_column, old_column->maximum, old_column->maximum_open,
                         new_column->maximum, new_column->maximum_open, -1))
        broken(comparison, name, "its range shrinks: values outside of it were accepted");
}

static void compare_key(const struct comparison *comparison, const struct contract *old_contract)
{
    const struct contract *new_contract = comparison->new_contract;
    bool same = old_contract->key.count == new_contract->key.count;
    for (size_t i = 0; same && i < old_contract->key.count; i++)
        same = strcmp(old_contract->key.list[i].name, new_contract->key.list[i].name) == 0;
    if (!same)
        broken(comparison, NULL, "the primary key changes");
}

static void compare_output(const struct comparison *comparison, const struct contract *old_contract)
{
    for (size_t i = 0; i < old_contract->columns.count; i++) {
        const struct column *old_column = &old_contract->columns.list[i];
        const struct column *new_column =
            columns_find(&comparison->new_contract->columns, old_column->name, false);
        if (!new_column) {
            broken(comparison, old_column->name, "the column is removed");
            continue;
        }
        compare_type(comparison, old_column, new_column);
        if (old_column->required && !new_column->required)
            broken(comparison, old_column->name, "it may become null: readers rely on a value");
        if (old_column->unique && !new_column->unique)
            broken(comparison, old_column->name, "it is unique no more: readers rely on that");
    }
    compare_key(comparison, old_contract);
}

static void compare_input(const struct comparison *comparison, const struct contract *old_contract)
{
    const struct contract *new_contract = comparison->new_contract;
    for (size_t i = 0; i < old_contract->columns.count; i++) {
        const struct column *old_column = &old_contract->columns.list[i];
        if (!columns_find(&new_contract->columns, old_column->name, false))
            broken(comparison, old_column->name,
                   "the column is removed: deliveries that have it were accepted");
    }
    for (size_t i = 0; i < new_contract->columns.count; i++) {
        const struct column *new_column = &new_contract->columns.list[i];
        const struct column *old_column =
            columns_find(&old_contract->columns, new_column->name, false);
        if (!old_column && new_column->required)
            broken(comparison, new_column->name,
                   "the column is new and required: deliveries without it were accepted");
        if (!old_column)
            continue;
        compare_type(comparison, old_column, new_column);
        compare_rules(comparison, old_column, new_column);
    }
    compare_key(comparison, old_contract);
    if (old_contract->mode != new_contract->mode)
        broken(comparison, NULL,
               arena_print(comparison->faults->arena, "entrepot.mode changes from %s to %s",
                           contract_mode_name(old_contract->mode),
                           contract_mode_name(new_contract->mode)));
}

bool contract_compare(const struct contract *old_contract, const struct contract *new_contract,
                      enum contract_use use, struct faults *faults)
{
    const struct comparison comparison = { new_contract, faults };
    int before = faults->count;
    if (old_contract->number.major != new_contract->number.major)
        return true;
    if (use == CONTRACT_OF_OUTPUT)
        compare_output(&comparison, old_contract);
    else
        compare_input(&comparison, old_contract);
    return faults->count == before;
}
