/* Deciding: which rules apply, and what those that do leave to be seen. */
#include "access.h"

#include "server/base/buffer.h"
#include "server/base/digest.h"

#include <stdlib.h>
#include <string.h>

static bool has(const char *const *list, const char *text)
{
    while (list && *list && strcmp(*list, text) != 0)
        list++;
    return list && *list;
}

static bool share(const char *const *left, const char *const *right)
{
    for (; left && *left; left++)
        if (has(right, *left))
            return true;
    return false;
}

/* output.* stands for every dataset of its layer, * for all. */
static bool covers(const struct access_rule *rule, const char *dataset)
{
    for (const char *const *pattern = rule->datasets; *pattern; pattern++) {
        size_t size = strlen(*pattern);
        bool open = (*pattern)[size - 1] == '*';
        if (open ? strncmp(*pattern, dataset, size - 1) == 0 : strcmp(*pattern, dataset) == 0)
            return true;
    }
    return false;
}

static bool is_for(const struct access_rule *rule, const struct access_subject *who)
{
    if (!*rule->subjects && !*rule->roles && !*rule->scopes)
        return true;
    return (who->subject && has(rule->subjects, who->subject)) || share(rule->roles, who->roles)
           || share(rule->scopes, who->scopes);
}

/* What the rules that apply say so far. */
struct findings {
    bool forbidden;
    bool ruled; /* some rule permits somebody this action on the dataset */
    bool permitted;
    bool all_rows;        /* a rule without a filter permits */
    const char **filters; /* of the rules that permit with one */
    size_t filter_count;
    const char **denied; /* columns hidden by the rules that count */
    size_t denied_count;
};

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Sort texts and drop repeated ones; a NULL ends them. */
static void make_set(const char **texts, size_t *count)
{
    qsort(texts, *count, sizeof *texts, by_text);
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if (!kept || strcmp(texts[kept - 1], texts[i]) != 0)
            texts[kept++] = texts[i];
    texts[kept] = NULL;
    *count = kept;
}

/* Room for every column that any rule hides. */
static size_t denied_most(const struct access *access)
{
    size_t most = 0;
    for (size_t i = 0; i < access->rule_count; i++)
        for (const char *const *column = access->rules[i].denied_columns; *column; column++)
            most++;
    return most;
}

/*
 * Every cell shown is one that some rule shows. Rules without a filter show all rows, so with one
 * of them filters do not matter and a column is hidden only if each of them hides it. With filters
 * only, each may show other rows, so a column is hidden if any of them hides it.
 */
static void permit(struct findings *findings, const struct access_rule *rule)
{
    const char *const *columns = rule->denied_columns;
    findings->permitted = true;
    if (rule->row_filter) {
        findings->filters[findings->filter_count++] = rule->row_filter;
        for (; !findings->all_rows && *columns; columns++)
            findings->denied[findings->denied_count++] = *columns;
        return;
    }
    if (!findings->all_rows) { /* the first of them: forget what filtered ones hide */
        findings->all_rows = true;
        findings->denied_count = 0;
        for (; *columns; columns++)
            findings->denied[findings->denied_count++] = *columns;
        return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < findings->denied_count; i++)
        if (has(columns, findings->denied[i]))
            findings->denied[kept++] = findings->denied[i];
    findings->denied_count = kept;
}

static void find(const struct access *access, const struct access_subject *who, const char *dataset,
                 enum access_action action, struct findings *findings)
{
    for (size_t i = 0; i < access->rule_count; i++) {
        const struct access_rule *rule = &access->rules[i];
        bool of_action = action == ACCESS_READ ? rule->reads : rule->writes;
        if (!of_action || !covers(rule, dataset))
            continue;
        findings->ruled = findings->ruled || !rule->forbids;
        if (!is_for(rule, who))
            continue;
        if (rule->forbids)
            findings->forbidden = true;
        else
            permit(findings, rule);
    }
}

/* Lengths before texts: two different lists never write the same. */
static const char *fingerprint_of(struct arena *arena, const struct access_decision *decision)
{
    if (decision->allowed && !*decision->denied_columns && !*decision->row_filters)
        return "everything"; /* what most see needs no digest; no sum reads like this */
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    buffer_add_text(&text, decision->allowed ? "allowed" : "refused");
    for (const char *const *column = decision->denied_columns; *column; column++)
        buffer_print(&text, " column %zu:%s", strlen(*column), *column);
    for (const char *const *filter = decision->row_filters; *filter; filter++)
        buffer_print(&text, " rows %zu:%s", strlen(*filter), *filter);
    char *sum = digest_sha256_hex(arena, text.data, text.size);
    sum[16] = '\0'; /* enough to tell decisions of one product apart */
    return sum;
}

struct access_decision access_decide(const struct access *access, struct arena *arena,
                                     const struct access_subject *who, const char *dataset,
                                     enum access_action action)
{
    struct findings findings = {
        .filters = arena_array_of(arena, const char *, access->rule_count + 1),
        .denied = arena_array_of(arena, const char *, denied_most(access) + 1),
    };
    if (action != ACCESS_NOTHING)
        find(access, who, dataset, action, &findings);
    struct access_decision decision = {
        .allowed = action != ACCESS_NOTHING && !findings.forbidden
                   && (findings.ruled ? findings.permitted : access->permits_by_default),
    };
    if (findings.all_rows || !decision.allowed)
        findings.filter_count = 0;
    if (!decision.allowed)
        findings.denied_count = 0;
    make_set(findings.filters, &findings.filter_count);
    make_set(findings.denied, &findings.denied_count);
    decision.denied_columns = findings.denied;
    decision.row_filters = findings.filters;
    decision.fingerprint = fingerprint_of(arena, &decision);
    return decision;
}
