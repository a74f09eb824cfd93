#include "faults.h"
#include "server/model/pipeline_document.h"

static struct arena *arena;

static void make_arena(void)
{
    arena = arena_new(65536);
}

static void drop_arena(void)
{
    arena_free(arena);
}

#define HEAD                                                                                       \
    "name: daily\nversion: 1.0.0\n"                                                                \
    "inputs:\n"                                                                                    \
    "  orders: {dataset: input.shop_orders}\n"                                                     \
    "  before: {dataset: output.archive}\n"                                                        \
    "  fixed: {dataset: input.people, snapshot: 4}\n"                                              \
    "steps: [{name: s, output: output.daily, sql: SELECT 1}]\n"                                    \
    "triggers:\n" /* line 8 */

static const char *read_text(const char *text, struct pipeline_document *document)
{
    struct faults faults;
    faults_init(&faults, arena, 20);
    (void)pipeline_document_read(arena, yaml_node(arena, text), NULL, document, &faults);
    return faults_text(arena, &faults);
}

START_TEST(triggers_are_read)
{
    struct pipeline_document document;
    ck_assert_str_eq(
        read_text(HEAD "  - {on: delivery, input: orders}\n"
                       "  - {on: schedule, cron: '0 6 * * 1-5', timezone: Europe/Paris,\n"
                       "     missed: all}\n"
                       "  - {on: schedule, cron: '@daily'}\n"
                       "  - {on: pipeline, pipeline: clean, parameters: {top: 3, label: null}}\n"
                       "  - {name: again, on: pipeline, pipeline: clean}\n"
                       "parameters: {top: {type: integer}, label: {type: string}}\n",
                  &document),
        "");
    ck_assert_uint_eq(document.trigger_count, 5);
    const struct trigger *triggers = document.triggers;
    ck_assert_int_eq(triggers[0].kind, TRIGGER_DELIVERY);
    ck_assert_str_eq(triggers[0].name, "delivery:orders");
    ck_assert_str_eq(triggers[0].dataset, "shop_orders");
    ck_assert_str_eq(triggers[0].parameters, "{}");
    ck_assert_int_eq(triggers[1].kind, TRIGGER_SCHEDULE);
    ck_assert_str_eq(triggers[1].name, "schedule:0 6 * * 1-5 Europe/Paris");
    ck_assert_str_eq(triggers[1].timezone, "Europe/Paris");
    ck_assert_int_eq(triggers[1].missed, TRIGGER_ALL);
    ck_assert_str_eq(triggers[2].timezone, "UTC");
    ck_assert_int_eq(triggers[2].missed, TRIGGER_ONCE);
    ck_assert_int_eq(triggers[3].kind, TRIGGER_PIPELINE);
    ck_assert_str_eq(triggers[3].name, "pipeline:clean");
    ck_assert_str_eq(triggers[3].pipeline, "clean");
    ck_assert_str_eq(triggers[3].parameters, "{\"top\":3,\"label\":null}");
    ck_assert_str_eq(triggers[4].name, "again");
}
END_TEST

static const struct {
    const char *text;
    const char *faults;
} wrong[] = {
    { HEAD "  - {cron: '* * * * *'}\n", "f:9:/triggers/0: a trigger needs the member on\n" },
    { HEAD "  - daily\n", "f:9:/triggers/0: must be an object, not text\n" },
    { HEAD "  - {on: hope}\n", "f:9:/triggers/0/on: \"hope\" is not known here; allowed: delivery, "
                               "schedule or pipeline\n" },
    { HEAD "  - {on: schedule, corn: '* * * * *'}\n",
      "f:9:/triggers/0/corn: a trigger has no member of this name; is cron meant?\n" },
    { HEAD "  - {on: delivery}\n",
      "f:9:/triggers/0: a trigger on: delivery needs the member input\n" },
    { HEAD "  - {on: pipeline, input: orders}\n",
      "f:9:/triggers/0/input: means nothing for a trigger on: pipeline\n"
      "f:9:/triggers/0: a trigger on: pipeline needs the member pipeline\n" },
    { HEAD "  - on: schedule\n"
           "    cron: 0 6 * * 8\n",
      "f:10:/triggers/0/cron: 8 is no day of the week; it is from 0 to 7, or a name of three "
      "letters\n" },
    { HEAD "  - on: schedule\n"
           "    cron: '@daily'\n"
           "    timezone: CET-1CEST\n",
      "f:11:/triggers/0/timezone: \"CET-1CEST\" is no time zone; write UTC, or the name of one, "
      "such as Europe/Paris\n" },
    { HEAD "  - {on: schedule, cron: '@daily', missed: some}\n",
      "f:9:/triggers/0/missed: \"some\" is not known here; allowed: once, skip or all\n" },
    { HEAD "  - {on: delivery, input: order}\n",
      "f:9:/triggers/0/input: the pipeline has no input named order\n" },
    { HEAD "  - {on: delivery, input: before}\n", "f:9:/triggers/0/input: the input before reads "
                                                  "output.archive, which nobody delivers; use on: "
                                                  "pipeline with the pipeline that makes it\n" },
    { HEAD "  - {on: delivery, input: fixed}\n",
      "f:9:/triggers/0/input: the input fixed always reads delivery 4, so a new one would change "
      "nothing\n" },
    { HEAD "  - {on: pipeline, pipeline: daily}\n",
      "f:9:/triggers/0/pipeline: a pipeline cannot start itself: it would never end\n" },
    { HEAD "  - {on: pipeline, pipeline: No Name}\n",
      "f:9:/triggers/0/pipeline: \"No Name\" is no name of a pipeline\n" },
    { HEAD "  - {on: delivery, input: orders}\n"
           "  - {on: delivery, input: orders}\n",
      "f:10:/triggers/1: there is the same trigger already (delivery:orders); give each a name of "
      "its own if both are meant\n" },
    { HEAD "  - {name: a, on: delivery, input: orders}\n"
           "  - {name: a, on: schedule, cron: '@daily'}\n",
      "f:10:/triggers/1/name: a trigger is named a already\n" },
    { HEAD "  - {name: A b, on: delivery, input: orders}\n",
      "f:9:/triggers/0/name: \"A b\" cannot be the name of a trigger: names begin with a small "
      "letter, have small letters, digits and _, and at most 48 of them\n" },
    { HEAD "  - {on: delivery, input: orders}\n"
           "  - {on: schedule, cron: '@daily', parameters: {since: yesterday, to: 1}}\n"
           "parameters: {since: {type: date, required: true}}\n",
      "f:9:/triggers/0: the parameter since is required, and the trigger gives it no value\n"
      "f:10:/triggers/1/parameters/since: is not a value of the type date\n"
      "f:10:/triggers/1/parameters/to: the pipeline has no such parameter\n" },
};

START_TEST(a_wrong_trigger_is_refused_by_line)
{
    struct pipeline_document document;
    ck_assert_str_eq(read_text(wrong[_i].text, &document), wrong[_i].faults);
}
END_TEST

START_TEST(too_many_triggers_are_refused)
{
    struct pipeline_document document;
    char *text = arena_text(arena, HEAD);
    for (int i = 0; i < 21; i++)
        text = arena_print(arena, "%s  - {name: t%d, on: delivery, input: orders}\n", text, i);
    ck_assert_str_eq(read_text(text, &document),
                     "f:8:/triggers: at most 20 triggers are read, not 21\n");
}
END_TEST

/* Pipelines by their names of one letter, each followed by those that start it. */
static const struct {
    const char *pipelines[6];
    const char *cycle; /* through the first trigger of the first */
} graphs[] = {
    { { "ab", "b" }, NULL },
    { { "ab", "ba" }, "a → b → a" },
    { { "ab", "bc", "cd", "d" }, NULL },
    { { "ab", "bc", "cd", "da" }, "a → d → c → b → a" },
    { { "ab", "bcd", "cb", "da" }, "a → d → b → a" },
    { { "ab", "bc", "cb" }, NULL }, /* one without the first */
    { { "az" }, NULL },
    { { "ab", "bcd", "ce", "de", "e" }, NULL },
};

START_TEST(pipelines_that_start_each_other_without_end_are_found)
{
    const struct pipeline_document *all[6];
    size_t count = 0;
    for (; count < 6 && graphs[_i].pipelines[count]; count++) {
        const char *letters = graphs[_i].pipelines[count];
        struct pipeline_document *document = arena_new_of(arena, struct pipeline_document);
        struct trigger *triggers = arena_array_of(arena, struct trigger, 6);
        document->name = arena_copy(arena, letters, 1);
        document->triggers = triggers;
        for (size_t i = 1; letters[i]; i++)
            triggers[document->trigger_count++] = (struct trigger){
                .kind = TRIGGER_PIPELINE,
                .pipeline = arena_copy(arena, &letters[i], 1),
            };
        all[count] = document;
    }
    ck_assert_pstr_eq(trigger_cycle(arena, all, count, all[0], &all[0]->triggers[0]),
                      graphs[_i].cycle);
}
END_TEST

static const struct test_case cases[] = {
    TEST(triggers_are_read),
    TEST_EACH(a_wrong_trigger_is_refused_by_line, wrong),
    TEST(too_many_triggers_are_refused),
    TEST_EACH(pipelines_that_start_each_other_without_end_are_found, graphs),
};

int main(void)
{
    return test_run_with("trigger", cases, COUNT(cases), make_arena, drop_arena);
}
