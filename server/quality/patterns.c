/* Patterns: matched here, by the engine that checks deliveries, so that a text is right or wrong in
 * both places alike. What is to be matched is streamed beside the scan. */
#include "check_parts.h"
#include "predicate.h"

#include "server/base/clock.h"
#include "server/formats/wire.h"
#include "sql.h"

#define COPY_HEADER_BYTES 19 /* signature, flags, and no extension */
#define TEXT_BYTES 1000      /* longer ones are not remembered */

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

/* The next value of a row in COPY's binary format. */
static struct db_value take_value(const char **at)
{
    struct db_value value = { *at + 4, (int32_t)wire_get32(*at) };
    *at += 4 + (value.size > 0 ? value.size : 0);
    return value;
}

/* A text, how many rows have it, and whether it is none of the values the rule lists. */
static void match(struct checking *checking, struct matching *matching, const char *row)
{
    struct db_value text = take_value(&row);
    int64_t rows = (int64_t)wire_get64(take_value(&row).data);
    struct db_value unlisted = take_value(&row);
    bool unlike = pattern_fails(matching->result->rule, text.data, text.size);
    if (unlike || (unlisted.size == 1 && unlisted.data[0]))
        matching->failing += rows;
    if (unlike)
        remember(checking, matching, &text);
}

/* Where few values are there many times each is matched once, and Postgres counts. */
static struct problem *is_repetitive(struct checking *checking, const struct column *column,
                                     bool *out_is)
{
    const struct db_param in[] = { db_int64(checking->request->segment_id), db_text(column->name),
                                   db_int64(checking->total) };
    const struct db_column out[] = { db_to_bool(out_is) };
    return db_one(checking->db, checking->arena, &sql_quality_repetitive, in, COUNT(in), out,
                  COUNT(out));
}

static struct problem *select_texts(struct checking *checking, const struct quality_rule *rule,
                                    const char **out_sql)
{
    const char *name = check_column(checking->arena, rule->columns.list);
    const char *unlisted =
        rule->values ? predicate_not_listed(checking->arena, rule) : "NULL::bool";
    bool repetitive;
    TRY(is_repetitive(checking, rule->columns.list, &repetitive));
    *out_sql = arena_print(checking->arena,
                           "COPY (SELECT %s, %s, %s FROM %s%s%s) TO STDOUT (FORMAT binary)", name,
                           repetitive ? "count(*)" : "1::int8", unlisted, checking->rows,
                           repetitive ? " GROUP BY " : "", repetitive ? name : "");
    return NULL;
}

/* COPY costs half of what rows of a query do. One message is one row, behind the header in the
 * first; the trailer is -1 in the place of the number of columns. */
static struct problem *match_all(struct checking *checking, struct matching *matching)
{
    const char *sql;
    size_t header = COPY_HEADER_BYTES;
    TRY(select_texts(checking, matching->result->rule, &sql));
    TRY(db_copy_out(checking->db, checking->arena, sql));
    for (;;) {
        const char *at;
        size_t size;
        TRY(db_copy_read(checking->db, checking->arena, &at, &size));
        if (!size)
            return NULL;
        at += header;
        header = 0;
        if ((int16_t)wire_get16(at) >= 0)
            match(checking, matching, at + 2);
    }
}

struct problem *measure_patterns(struct checking *checking)
{
    for (size_t i = 0; i < checking->count; i++) {
        struct matching matching = { .result = &checking->results[i] };
        if (!rule_has_pattern(matching.result->rule))
            continue;
        int64_t began = clock_monotonic_ms();
        matching.texts = arena_array_of(checking->arena, const char *, QUALITY_SAMPLE_ROWS + 1);
        checking->texts[i] = matching.texts;
        TRY(match_all(checking, &matching));
        matching.result->ms = clock_monotonic_ms() - began;
        result_count(checking, matching.result, matching.failing);
    }
    return NULL;
}
