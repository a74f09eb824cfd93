/*
 * Mutants of the corpus against the gates alone: what passes them is run by a superuser who may
 * write, and must do no harm.
 *
 *     sql_mutants [COUNT [SEED]]      300 with seed 1, as the ordinary run does
 */
#include "mutate.h"
#include "place.h"
#include "tests/db/harness.h"

#include "server/base/text.h"

#include <stdio.h>
#include <string.h>

static long wanted = 300;
static uint64_t seed = 1;

/* Words that mean harm to the canaries of the corpus mean nothing here: the state tells. */
static struct corpus tamed(struct arena *arena)
{
    struct corpus corpus = corpus_read(arena);
    struct attack *list = arena_array_of(arena, struct attack, corpus.count);
    for (size_t i = 0; i < corpus.count; i++) {
        list[i] = corpus.list[i];
        list[i].sql = corpus_replace(arena, list[i].sql, "HARM", "h");
    }
    return (struct corpus){ list, corpus.count };
}

START_TEST(what_passes_the_gates_does_no_harm)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(65536);
    CLEANUP(arena_free_at) struct arena *scratch = arena_new(65536);
    struct corpus corpus = tamed(arena);
    struct place *place = place_open(LAYER_GATE | LAYER_PROBE);
    char **words = text_split(arena, place_words(place, arena), " ");
    struct mutator mutator = { seed * 0x9E3779B97F4A7C15u | 1, &corpus, (const char *const *)words,
                               0 };
    long verdicts[4] = { 0 };
    while (words[mutator.word_count])
        mutator.word_count++;
    for (long i = 0; i < wanted; i++) {
        arena_reset(scratch);
        const struct attack mutant = { "mutant", "other", mutate(&mutator, scratch) };
        struct outcome outcome = place_attack(place, &mutant);
        verdicts[outcome.verdict]++;
        ck_assert_msg(!outcome.harm, "mutant %ld of seed %llu: %s: %s", i, (unsigned long long)seed,
                      outcome.harm, mutant.sql);
    }
    printf("# %ld mutants: %ld stopped by the gate, %ld by the probe, %ld by Postgres, %ld ran\n",
           wanted, verdicts[VERDICT_GATE], verdicts[VERDICT_PROBE], verdicts[VERDICT_FAILED],
           verdicts[VERDICT_RAN]);
    (void)fflush(stdout); /* lost at worst */
    place_close(place);
    ck_assert_int_gt(verdicts[VERDICT_RAN], 0);
}
END_TEST

static const struct test_case cases[] = { TEST(what_passes_the_gates_does_no_harm) };

int main(int count, char **arguments)
{
    if (count > 1)
        wanted = strtol(arguments[1], NULL, 10);
    if (count > 2)
        seed = strtoull(arguments[2], NULL, 10);
    if (count > 1) /* Check's own limit is for the ordinary run */
        (void)setenv("CK_TIMEOUT_MULTIPLIER", "1000", 1);
    struct harness *harness = harness_start();
    int failed = test_run("sql-mutants", cases, COUNT(cases));
    harness_stop(harness);
    return failed;
}
