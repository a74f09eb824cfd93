#include "lineage_scope.h"

#include <string.h>

/* pg_proc: built-ins have the same ids in every version. What goes in cannot be seen in what comes
 * out: md5 and sha224 … sha512 of text and bytes, count and regr_count. */
static const int64_t masking[] = { 2311, 2321, 3419, 3420, 3421, 3422, 2147, 2803, 2818 };

/* A tree is no deeper than 2,000, but a column of a join leads to another expression. */
#define MAX_DEPTH 4000

enum sublink { SUBLINK_EXISTS = 0, SUBLINK_EXPRESSION = 4, SUBLINK_ARRAY = 6 };

static bool masks(int64_t function)
{
    for (size_t i = 0; i < COUNT(masking); i++)
        if (masking[i] == function)
            return true;
    return false;
}

const struct tree *tree_item(const struct tree *list, int64_t place)
{
    const struct tree *item = list ? list->first : NULL;
    for (; item && place > 1; place--)
        item = item->next;
    return place < 1 ? NULL : item;
}

bool tree_is_true(const struct tree *node, const char *key)
{
    const char *text = tree_text(node, key);
    return text && strcmp(text, "true") == 0;
}

/* pg_depend names only columns that stand alone; those of a whole row are named by the table's
 * entry in the range table, unless the FROM renames them. */
static void name_column(struct source_table *table, const struct range *range, uint32_t at,
                        int64_t place)
{
    if (table->names[at] || tree_member(tree_member(range->entry, "alias"), "colnames"))
        return;
    const struct tree *names = tree_member(tree_member(range->entry, "eref"), "colnames");
    const struct tree *name = tree_item(names, place);
    table->names[at] = name ? name->text : NULL;
}

static void add_relation_column(struct scope *scope, const struct range *range, int64_t place,
                                struct source_use use, struct source_set *out)
{
    if (place <= -SOURCE_SYSTEM_COLUMNS || place + SOURCE_SYSTEM_COLUMNS >= SOURCE_COLUMNS) {
        sources_doubt(scope->sources, "a column of a table is out of range");
        return;
    }
    uint32_t number = source_table(scope->sources, tree_number(range->entry, "relid", 0));
    struct source_table *table = scope->sources->tables[number];
    uint32_t at = source_column(0, place);
    table->marks[at] |= scope->whole_row ? MARK_WHOLE : MARK_NAMED;
    if (scope->whole_row)
        name_column(table, range, at, place);
    source_set_add(scope->sources, out, source_column(number, place), use);
}

/* The columns of a table as its entry lists them; those dropped have no name. */
static void add_relation_row(struct scope *scope, const struct range *range, struct source_use use,
                             struct source_set *out)
{
    const struct tree *names = tree_member(tree_member(range->entry, "eref"), "colnames");
    int64_t place = 1;
    for (const struct tree *name = names ? names->first : NULL; name; name = name->next, place++)
        if (name->text[0])
            add_relation_column(scope, range, place, use, out);
}

/* A column of a range, or all of them: place 0. */
static void add_range(struct scope *scope, struct range *range, int64_t place,
                      struct source_use use, struct source_set *out)
{
    const char *list = range->kind == RANGE_JOIN ? "joinaliasvars" : "groupexprs";
    switch (range->kind) {
    case RANGE_RELATION:
        if (place)
            add_relation_column(scope, range, place, use, out);
        else
            add_relation_row(scope, range, use, out);
        return;
    case RANGE_JOIN:
    case RANGE_GROUP:
        expression_read(scope,
                        place ? tree_item(tree_member(range->entry, list), place)
                              : tree_member(range->entry, list),
                        use, out);
        return;
    default:
        break;
    }
    const struct query_sources *result = range_read(scope, range);
    if (place < 0 || place > (int64_t)result->column_count)
        sources_doubt(scope->sources, "a column of a query is out of range");
    for (size_t i = 0; i < result->column_count; i++)
        if (place == 0 || place == (int64_t)i + 1)
            source_set_add_set(scope->sources, out, &result->columns[i], use);
}

static void read_variable(struct scope *scope, const struct tree *variable, struct source_use use,
                          struct source_set *out)
{
    struct scope *owner = scope;
    for (int64_t up = tree_number(variable, "varlevelsup", 0); owner && up > 0; up--)
        owner = owner->outer;
    int64_t number = tree_number(variable, "varno", 0);
    if (!owner || number < 1 || number > (int64_t)owner->range_count) {
        sources_doubt(scope->sources, "a column belongs to nothing in sight");
        return;
    }
    int64_t place = tree_number(variable, "varattno", 0);
    if (place == 0) {
        bool before = owner->whole_row;
        owner->whole_row = true;
        add_range(owner, &owner->ranges[number - 1], 0,
                  source_use_within(use, LINEAGE_TRANSFORMATION), out);
        owner->whole_row = before;
        return;
    }
    add_range(owner, &owner->ranges[number - 1], place, use, out);
}

static const struct source_use sorts = { LINEAGE_SORT, false };
static const struct source_use filters = { LINEAGE_FILTER, false };
static const struct source_use windows = { LINEAGE_WINDOW, false };
static const struct source_use conditions = { LINEAGE_CONDITIONAL, false };
static const struct source_use groups = { LINEAGE_GROUP_BY, false };

/* What decides within something that itself only decides is of the outer kind. */
static struct source_use within(struct source_use outer, struct source_use inner)
{
    return lineage_is_direct(outer.kind) ? inner : outer;
}

static void read_aggregate(struct scope *scope, const struct tree *node, struct source_use use,
                           struct source_set *out)
{
    struct source_use value = source_use_within(use, LINEAGE_AGGREGATION);
    value.masks = value.masks || masks(tree_number(node, "aggfnoid", 0));
    /* of an ordered-set aggregate the sorted column is the value */
    const char *kind = tree_text(node, "aggkind");
    bool is_plain = !kind || strcmp(kind, "n") == 0;
    const struct tree *arguments = tree_member(node, "args");
    for (const struct tree *entry = arguments ? arguments->first : NULL; entry;
         entry = entry->next) {
        bool only_sorts = is_plain && tree_is_true(entry, "resjunk");
        expression_read(scope, tree_member(entry, "expr"), only_sorts ? within(use, sorts) : value,
                        out);
    }
    expression_read(scope, tree_member(node, "aggdirectargs"), value, out);
    expression_read(scope, tree_member(node, "aggfilter"), within(use, filters), out);
}

static void read_window_clause(struct scope *scope, const struct tree *clause,
                               struct source_use use, struct source_set *out)
{
    static const char *const lists[] = { "partitionClause", "orderClause" };
    for (size_t i = 0; i < COUNT(lists); i++) {
        const struct tree *list = tree_member(clause, lists[i]);
        for (const struct tree *item = list ? list->first : NULL; item; item = item->next)
            target_read(scope, item, use, out);
    }
    expression_read(scope, tree_member(clause, "startOffset"), use, out);
    expression_read(scope, tree_member(clause, "endOffset"), use, out);
}

static void read_window(struct scope *scope, const struct tree *node, struct source_use use,
                        struct source_set *out)
{
    bool is_aggregate = tree_is_true(node, "winagg");
    struct source_use value =
        source_use_within(use, is_aggregate ? LINEAGE_AGGREGATION : LINEAGE_TRANSFORMATION);
    value.masks = value.masks || masks(tree_number(node, "winfnoid", 0));
    expression_read(scope, tree_member(node, "args"), value, out);
    expression_read(scope, tree_member(node, "aggfilter"), within(use, filters), out);
    const struct tree *clauses = tree_member(scope->query, "windowClause");
    for (const struct tree *clause = clauses ? clauses->first : NULL; clause; clause = clause->next)
        if (tree_number(clause, "winref", 0) == tree_number(node, "winref", -1))
            read_window_clause(scope, clause, within(use, windows), out);
}

static void read_case(struct scope *scope, const struct tree *node, struct source_use use,
                      struct source_set *out)
{
    struct source_use result = source_use_within(use, LINEAGE_TRANSFORMATION);
    expression_read(scope, tree_member(node, "arg"), within(use, conditions), out);
    expression_read(scope, tree_member(node, "args"), use, out);
    expression_read(scope, tree_member(node, "defresult"), result, out);
}

static void read_when(struct scope *scope, const struct tree *node, struct source_use use,
                      struct source_set *out)
{
    expression_read(scope, tree_member(node, "expr"), within(use, conditions), out);
    expression_read(scope, tree_member(node, "result"),
                    source_use_within(use, LINEAGE_TRANSFORMATION), out);
}

static void read_sublink(struct scope *scope, const struct tree *node, struct source_use use,
                         struct source_set *out)
{
    struct query_sources result;
    int64_t kind = tree_number(node, "subLinkType", -1);
    struct source_use value = use;
    if (kind == SUBLINK_ARRAY)
        value = source_use_within(use, LINEAGE_AGGREGATION);
    else if (kind != SUBLINK_EXPRESSION)
        value = source_use_within(use, LINEAGE_TRANSFORMATION);
    query_read(scope->sources, scope, tree_member(node, "subselect"), &result);
    expression_read(scope, tree_member(node, "testexpr"), value, out);
    for (size_t i = 0; kind != SUBLINK_EXISTS && i < result.column_count; i++)
        source_set_add_set(scope->sources, out, &result.columns[i], value);
    source_set_add_set(scope->sources, out, &result.whole, use);
}

/* Whether there is a group, not what is in it. */
static void read_grouping(struct scope *scope, const struct tree *node, struct source_use use,
                          struct source_set *out)
{
    expression_read(scope, tree_member(node, "args"), within(use, groups), out);
}

/* The value stays what it is. */
static void read_same(struct scope *scope, const struct tree *node, struct source_use use,
                      struct source_set *out)
{
    const struct tree *argument = tree_member(node, "arg");
    expression_read(scope, argument ? argument : tree_member(node, "expr"), use, out);
}

static void read_parts(struct scope *scope, const struct tree *node, struct source_use use,
                       struct source_set *out)
{
    struct source_use part = source_use_within(use, LINEAGE_TRANSFORMATION);
    part.masks = part.masks || masks(tree_number(node, "funcid", 0));
    for (const struct tree *member = node->first; member; member = member->next)
        expression_read(scope, member, part, out);
}

/* Nodes that mean more than their parts. Labels are those of every version that has the node. */
static const struct {
    const char *label;
    void (*read)(struct scope *scope, const struct tree *node, struct source_use use,
                 struct source_set *out);
} readers[] = {
    { "VAR", read_variable },          { "RELABELTYPE", read_same }, { "COLLATEEXPR", read_same },
    { "TARGETENTRY", read_same },      { "AGGREF", read_aggregate }, { "WINDOWFUNC", read_window },
    { "GROUPINGFUNC", read_grouping }, { "CASEEXPR", read_case },    { "CASEWHEN", read_when },
    { "SUBLINK", read_sublink },
};

static void read_node(struct scope *scope, const struct tree *node, struct source_use use,
                      struct source_set *out)
{
    for (size_t i = 0; i < COUNT(readers); i++)
        if (strcmp(node->text, readers[i].label) == 0) {
            readers[i].read(scope, node, use, out);
            return;
        }
    if (tree_is(node, "QUERY"))
        sources_doubt(scope->sources, "a query stands where none is known");
    read_parts(scope, node, use, out);
}

void expression_read(struct scope *scope, const struct tree *expression, struct source_use use,
                     struct source_set *out)
{
    struct sources *sources = scope->sources;
    if (!expression || sources_exhausted(sources, 1))
        return;
    if (sources->depth >= MAX_DEPTH) {
        sources_doubt(sources, "expressions are nested too deep, or in a circle");
        return;
    }
    sources->depth++;
    if (expression->kind == TREE_LIST)
        for (const struct tree *item = expression->first; item; item = item->next)
            expression_read(scope, item, use, out);
    else if (expression->kind == TREE_NODE)
        read_node(scope, expression, use, out);
    sources->depth--;
}
