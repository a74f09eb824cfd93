#include "access.h"

#include "shape.h"

#include "server/base/digest.h"
#include "server/base/text.h"

#include <string.h>

#define RULES 1000

static const char *const effects[] = { "permit", "forbid", NULL };
static const char *const defaults[] = { "permit", "deny", NULL };
static const char *const actions[] = { "read", "write", NULL };

static const struct shape_member principal_members[] = {
    { "subjects", SHAPE_TEXTS },
    { "roles", SHAPE_TEXTS },
    { "scopes", SHAPE_TEXTS },
};
static const struct shape principals = { "the principals of a rule", principal_members,
                                         COUNT(principal_members) };

static const struct shape_member column_members[] = {
    { "deny", SHAPE_TEXTS, .required = true },
};
static const struct shape columns = { "the columns of a rule", column_members,
                                      COUNT(column_members) };

static const struct shape_member rule_members[] = {
    { "name", SHAPE_TEXT, .required = true },
    { "description", SHAPE_TEXT },
    { "effect", SHAPE_TEXT, .required = true, .allowed = effects },
    { "principals", SHAPE_OBJECT, .of = &principals },
    { "datasets", SHAPE_TEXTS, .required = true },
    { "actions", SHAPE_TEXTS, .required = true, .allowed = actions },
    { "columns", SHAPE_OBJECT, .of = &columns },
    { "rows", SHAPE_TEXT },
};
static const struct shape rule_shape = { "an access rule", rule_members, COUNT(rule_members) };

static const struct shape_member root_members[] = {
    { "description", SHAPE_TEXT },
    { "default", SHAPE_TEXT, .allowed = defaults },
    { "rules", SHAPE_LIST }, /* read_rules */
};
static const struct shape root_shape = { "the access document", root_members, COUNT(root_members) };

/* The texts of a list, ended by NULL; an empty list where there is none. */
static const char *const *texts(struct arena *arena, const struct node *list)
{
    const char **out = arena_array_of(arena, const char *, (list ? list->count : 0) + 1);
    size_t count = 0;
    for (const struct node *item = list ? list->first : NULL; item; item = item->next)
        out[count++] = item->text;
    return out;
}

static bool has(const char *const *list, const char *text)
{
    while (list && *list && strcmp(*list, text) != 0)
        list++;
    return list && *list;
}

/* output.countries, output.*, input.*, or * for all. */
static void check_dataset(const struct node *dataset, struct faults *faults)
{
    const char *name = strchr(dataset->text, '.');
    bool known_layer =
        text_starts(dataset->text, "input.") || text_starts(dataset->text, "output.");
    if (strcmp(dataset->text, "*") == 0
        || (known_layer && (strcmp(name, ".*") == 0 || text_is_name(name + 1))))
        return;
    node_fault(faults, dataset,
               "\"%s\" is no dataset; write output.NAME, input.NAME, output.*, input.* or *",
               dataset->text);
}

static void check_names(const struct node *list, const char *noun, struct faults *faults)
{
    for (const struct node *item = list ? list->first : NULL; item; item = item->next)
        if (!*item->text)
            node_fault(faults, item, "%s cannot be empty", noun);
}

/* Hiding and filtering is about reading, and of rules that permit. */
static void check_limits(const struct access_rule *rule, struct faults *faults)
{
    static const char *const limits[] = { "columns", "rows", NULL };
    for (size_t i = 0; limits[i]; i++) {
        const struct node *limit = node_member(rule->node, limits[i]);
        if (limit && rule->forbids)
            node_fault(faults, limit,
                       "a rule that forbids takes everything; to hide %s, permit reading with it",
                       limits[i]);
        else if (limit && rule->writes)
            node_fault(faults, limit,
                       "means nothing for writing; make it a rule of its own that "
                       "is for reading only");
    }
}

static void read_rule(struct arena *arena, const struct node *node, struct access_rule *rule,
                      struct faults *faults)
{
    const struct node *who = node_member(node, "principals");
    const struct node *what = node_member(node, "datasets");
    const struct node *how = node_member(node, "actions");
    rule->node = node;
    rule->name = node_text(node, "name");
    rule->forbids = strcmp(node_text(node, "effect"), "forbid") == 0;
    rule->subjects = texts(arena, node_member(who, "subjects"));
    rule->roles = texts(arena, node_member(who, "roles"));
    rule->scopes = texts(arena, node_member(who, "scopes"));
    rule->datasets = texts(arena, what);
    rule->reads = has(texts(arena, how), "read");
    rule->writes = has(texts(arena, how), "write");
    rule->denied_columns = texts(arena, node_member(node_member(node, "columns"), "deny"));
    rule->row_filter = node_text(node, "rows");
    rule->json = node_json(arena, node);
    for (const struct node *dataset = what->first; dataset; dataset = dataset->next)
        check_dataset(dataset, faults);
    check_names(node_member(who, "subjects"), "a subject", faults);
    check_names(node_member(who, "roles"), "a role", faults);
    check_names(node_member(who, "scopes"), "a scope", faults);
    check_names(node_member(node_member(node, "columns"), "deny"), "a column", faults);
    check_limits(rule, faults);
    if (!*rule->name)
        node_fault(faults, node_member(node, "name"), "a rule needs a name to be told apart by");
    if (!what->count)
        node_fault(faults, what, "a rule needs at least one dataset");
    if (!how->count)
        node_fault(faults, how, "a rule needs at least one action: read or write");
    if (who && !*rule->subjects && !*rule->roles && !*rule->scopes)
        node_fault(faults, who, "nobody is named; leave principals out to mean everybody");
    if (rule->row_filter && !rule->row_filter[strspn(rule->row_filter, " \t\r\n")])
        node_fault(faults, node_member(node, "rows"), "the filter is empty");
}

static void read_rules(struct arena *arena, const struct node *list, struct access *access,
                       struct faults *faults)
{
    if (!list || list->kind != NODE_LIST)
        return;
    if (list->count > RULES) {
        node_fault(faults, list, "at most %d rules are read", RULES);
        return;
    }
    struct access_rule *rules = arena_array_of(arena, struct access_rule, list->count);
    for (const struct node *node = list->first; node; node = node->next) {
        struct access_rule *rule = &rules[access->rule_count];
        if (!shape_check(&rule_shape, node, faults))
            continue;
        read_rule(arena, node, rule, faults);
        for (size_t i = 0; i < access->rule_count; i++)
            if (strcmp(rules[i].name, rule->name) == 0)
                node_fault(faults, node_member(node, "name"), "a rule is named %s already",
                           rule->name);
        access->rule_count++;
    }
    access->rules = rules;
}

bool access_read(struct arena *arena, const struct node *root, struct access *out_access,
                 struct faults *faults)
{
    int before = faults->count;
    struct access access = { .permits_by_default = true, .json = "{}" };
    const char *canonical = "{}";
    if (root) {
        (void)shape_check(&root_shape, root, faults); /* the faults tell */
        const char *fallback = node_text(root, "default");
        access.permits_by_default = !fallback || strcmp(fallback, "permit") == 0;
        read_rules(arena, node_member(root, "rules"), &access, faults);
        access.json = node_json(arena, root);
        canonical = node_canonical_json(arena, root);
    }
    *out_access = access;
    if (faults->count != before)
        return false;
    access.sha256 = digest_sha256_hex(arena, canonical, strlen(canonical));
    *out_access = access;
    return true;
}
