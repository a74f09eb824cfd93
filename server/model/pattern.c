/* The only door to pcre2.h. A compiled pattern is never written to again, so any thread may match
 * with it: what a match needs beside it is made for that one call. */
#include "column.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* A match may cost this much; a nested repetition over long text would take years without. */
#define MATCH_STEPS 1000000
#define MATCH_DEPTH 10000
#define MATCH_HEAP_KB 4096

struct pattern {
    char *source;
    pcre2_code *code;
    pcre2_match_context *limits;
};

CLEANUP_DEFINE(pcre2_match_data *, pcre2_match_data_free)

struct pattern *pattern_new(struct arena *arena, const char *source, const char **out_reason,
                            size_t *out_offset)
{
    /* as ECMA-262 has them: $ is the end only, \u0041 and [] are allowed, \d is 0-9 */
    const uint32_t options = PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_ALLOW_EMPTY_CLASS
                             | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF
                             | PCRE2_NEVER_BACKSLASH_C;
    int error;
    PCRE2_SIZE offset;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)source, PCRE2_ZERO_TERMINATED, options, &error, &offset, NULL);
    if (!code) {
        char reason[256];
        (void)pcre2_get_error_message(error, (PCRE2_UCHAR *)reason,
                                      sizeof reason); /* cut if long */
        *out_reason = arena_text(arena, reason);
        *out_offset = offset;
        return NULL;
    }
    (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* where there is none, it is interpreted */
    struct pattern *pattern = malloc(sizeof *pattern);
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    char *copy = strdup(source);
    if (!pattern || !limits || !copy)
        abort();
    (void)pcre2_set_match_limit(limits, MATCH_STEPS); /* these three always succeed */
    (void)pcre2_set_depth_limit(limits, MATCH_DEPTH);
    (void)pcre2_set_heap_limit(limits, MATCH_HEAP_KB);
    *pattern = (struct pattern){ copy, code, limits };
    return pattern;
}

void pattern_free(struct pattern *pattern)
{
    if (!pattern)
        return;
    pcre2_match_context_free(pattern->limits);
    pcre2_code_free(pattern->code);
    free(pattern->source);
    free(pattern);
}

const char *pattern_source(const struct pattern *pattern)
{
    return pattern->source;
}

bool pattern_matches(const struct pattern *pattern, const char *text, size_t size)
{
    CLEANUP(pcre2_match_data_free_at)
    pcre2_match_data *match = pcre2_match_data_create(1, NULL);
    if (!match)
        abort();
    int found = pcre2_match(pattern->code, (PCRE2_SPTR)text, size, 0, 0, match, pattern->limits);
    /* the stack of compiled code is small; the interpreter has the heap, up to its limit */
    if (found == PCRE2_ERROR_JIT_STACKLIMIT)
        found = pcre2_match(pattern->code, (PCRE2_SPTR)text, size, 0, PCRE2_NO_JIT, match,
                            pattern->limits);
    return found >= 0; /* 0: more groups than are wanted here; below: no match, or too much work */
}
