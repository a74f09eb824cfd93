#include "place.h"
#include "tests/db/harness.h"

#include <stdio.h>
#include <string.h>

/* What is switched off; the first and the last two meet everything, limits and all. */
static const struct {
    const char *name;
    unsigned layers;
    bool meets_all;
} modes[] = {
    { "all layers", LAYERS_ALL, true },
    { "without the role", LAYERS_ALL & ~LAYER_ROLE, false },
    { "without revoked functions", LAYERS_ALL & ~LAYER_REVOKED, false },
    { "without the gate", LAYERS_ALL & ~LAYER_GATE, false },
    { "without the probe", LAYERS_ALL & ~LAYER_PROBE, false },
    { "without the run", LAYERS_ALL & ~LAYER_RUN, false },
    { "the gates alone", LAYER_GATE | LAYER_PROBE, true },
    { "the database alone", LAYER_ROLE | LAYER_REVOKED | LAYER_RUN, true },
};

/* Read by main, once; the gate's verdict does not depend on the place. */
static struct corpus corpus;
static bool *gate_refuses;

static bool is_hog(const struct attack *attack)
{
    return attack_is(attack, "memory") || strncmp(attack->canary, "time", 4) == 0;
}

/* A hog that passes the gates runs into the same limits whatever else is there: three modes do. */
static bool is_tried(struct place *place, const struct attack *attack, int mode)
{
    return modes[mode].meets_all || !is_hog(attack) || !place_passes(place, attack);
}

static void tell(const int *verdicts, int harmed, const char *mode)
{
    printf("# %s: %d stopped by the gate, %d by the probe, %d by Postgres, %d ran, %d did harm\n",
           mode, verdicts[VERDICT_GATE], verdicts[VERDICT_PROBE], verdicts[VERDICT_FAILED],
           verdicts[VERDICT_RAN], harmed);
    (void)fflush(stdout); /* lost at worst */
}

START_TEST(no_attack_does_harm)
{
    struct place *place = place_open(modes[_i].layers);
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    int verdicts[4] = { 0 };
    int harmed = 0;
    const char *first = "";
    for (size_t i = 0; i < corpus.count; i++) {
        const struct attack *attack = &corpus.list[i];
        bool stops = gate_refuses[i] && modes[_i].layers & LAYER_GATE;
        verdicts[VERDICT_GATE] += stops;
        if (stops || attack_is(attack, "fine") || !is_tried(place, attack, _i))
            continue;
        struct outcome outcome = place_attack(place, attack);
        verdicts[outcome.verdict]++;
        if (!outcome.harm)
            continue;
        first = *first ? first : arena_print(arena, "%s: %s", attack->name, outcome.harm);
        printf("# %s: %s: %s\n", modes[_i].name, attack->name, outcome.harm);
        harmed++;
    }
    tell(verdicts, harmed, modes[_i].name);
    place_close(place);
    ck_assert_msg(harmed == 0, "%s: %d did harm, first %s", modes[_i].name, harmed, first);
    ck_assert_int_ge(verdicts[0] + verdicts[1] + verdicts[2] + verdicts[3], 300);
}
END_TEST

START_TEST(what_people_write_passes_and_runs)
{
    struct place *place = place_open(LAYERS_ALL);
    int fine = 0;
    for (size_t i = 0; i < corpus.count; i++) {
        if (!attack_is(&corpus.list[i], "fine"))
            continue;
        struct outcome outcome = place_attack(place, &corpus.list[i]);
        ck_assert_msg(outcome.verdict == VERDICT_RAN && !outcome.harm, "%s: %s %s",
                      corpus.list[i].name, outcome.said, outcome.harm ? outcome.harm : "");
        fine++;
    }
    place_close(place);
    ck_assert_int_ge(fine, 60);
}
END_TEST

/* Harm that a layer keeps away. Time and memory are bounded whatever layers there are; a flood of
 * locks would let no canary tell anything any more. */
static const char *const canary_names[] = { "secret", "file",    "largeobject", "lock", "notify",
                                            "write",  "setting", "role",        "kill" };

static bool tells(struct place *place, const char *canary)
{
    for (size_t i = 0; i < corpus.count; i++)
        if (attack_is(&corpus.list[i], canary) && place_attack(place, &corpus.list[i]).harm)
            return true;
    return false;
}

START_TEST(without_any_layer_each_canary_tells)
{
    struct place *place = place_open(0);
    for (size_t i = 0; i < COUNT(canary_names); i++)
        ck_assert_msg(tells(place, canary_names[i]), "nothing did harm to %s", canary_names[i]);
    place_close(place);
}
END_TEST

/* What is no harm to the database may still be none of a step's business. */
START_TEST(what_makes_a_run_unrepeatable_is_refused_by_the_gates)
{
    struct place *place = place_open(LAYERS_ALL);
    for (size_t i = 0; i < corpus.count; i++)
        if (attack_is(&corpus.list[i], "other") || attack_is(&corpus.list[i], "sample"))
            ck_assert_msg(!place_passes(place, &corpus.list[i]), "%s passes", corpus.list[i].name);
    place_close(place);
}
END_TEST

static const struct test_case cases[] = {
    TEST(what_people_write_passes_and_runs),
    TEST(what_makes_a_run_unrepeatable_is_refused_by_the_gates),
    TEST(without_any_layer_each_canary_tells),
    TEST_EACH(no_attack_does_harm, modes),
};

int main(void)
{
    struct harness *harness = harness_start();
    CLEANUP(arena_free_at) struct arena *arena = arena_new(65536);
    corpus = corpus_read(arena);
    gate_refuses = place_gate(arena, &corpus);
    int failed = test_run("sql-attacks", cases, COUNT(cases));
    harness_stop(harness);
    return failed;
}
