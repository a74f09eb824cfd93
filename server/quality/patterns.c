/* Patterns: matched here, by the engine that checks deliveries, so that a text is right or wrong in
 * both places alike. The columns are streamed once, beside the scan. */
#include "check_parts.h"
#include "predicate.h"

#include "server/base/buffer.h"
#include "server/base/clock.h"

#define TEXT_BYTES 1000 /* longer ones are not remembered */

bool rule_has_pattern(const struct quality_rule *rule)
{
    return rule->pattern != NULL;
}

bool pattern_fails(const struct quality_rule *rule, const char *text, int32_t size)
{
    return size >= 0 && !pattern_matches(rule->pattern, text, (size_t)size);
}

/* A rule with a pattern, while rows go by. */
struct matching {
    struct quality_result *result;
    int64_t failing;
    const char **texts; /* some that fail, for samples */
    size_t text_count;
};

static void remember(struct checking *checking, struct matching *matching,
                     const struct db_value *text)
{
    if (matching->text_count < QUALITY_SAMPLE_ROWS && text->size <= TEXT_BYTES)
        matching->texts[matching->text_count++] =
            arena_copy(checking->arena, text->data, (size_t)text->size);
}

static void match(struct checking *checking, struct matching *matching, const struct db_value *row)
{
    bool unlisted = row[1].size == 1 && row[1].data[0];
    bool unlike = pattern_fails(matching->result->rule, row[0].data, row[0].size);
    matching->failing += unlisted || unlike;
    if (unlike)
        remember(checking, matching, &row[0]);
}

/* For each rule its text, and whether it is none of the values the rule lists, too. */
static const char *select_texts(struct checking *checking, const struct matching *list,
                                size_t count)
{
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    for (size_t i = 0; i < count; i++) {
        const struct quality_rule *rule = list[i].result->rule;
        buffer_print(&sql, "%s%s, %s", i ? ", " : "SELECT ",
                     check_column(checking->arena, rule->columns.list),
                     rule->values ? predicate_not_listed(checking->arena, rule) : "NULL::bool");
    }
    buffer_print(&sql, " FROM %s", checking->rows);
    return arena_copy(checking->arena, sql.data, sql.size);
}

static struct problem *match_all(struct checking *checking, struct matching *list, size_t count)
{
    const struct db_query query = { select_texts(checking, list, count), NULL, 0 };
    TRY(db_stream_begin(checking->db, checking->arena, &query));
    for (;;) {
        const struct db_value *row;
        size_t columns;
        TRY(db_stream_next(checking->db, checking->arena, &row, &columns));
        if (!row)
            return NULL;
        for (size_t i = 0; i < count; i++)
            match(checking, &list[i], &row[2 * i]);
    }
}

struct problem *measure_patterns(struct checking *checking)
{
    struct matching *list = arena_array_of(checking->arena, struct matching, checking->count);
    size_t count = 0;
    for (size_t i = 0; i < checking->count; i++)
        if (rule_has_pattern(checking->results[i].rule)) {
            list[count].texts =
                arena_array_of(checking->arena, const char *, QUALITY_SAMPLE_ROWS + 1);
            checking->texts[i] = list[count].texts;
            list[count++].result = &checking->results[i];
        }
    if (!count)
        return NULL;
    int64_t began = clock_monotonic_ms();
    TRY(match_all(checking, list, count));
    for (size_t i = 0; i < count; i++) {
        list[i].result->ms = clock_monotonic_ms() - began;
        result_count(checking, list[i].result, list[i].failing);
    }
    return NULL;
}
