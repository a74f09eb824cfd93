#include "faults.h"
#include "server/model/access.h"

#include "server/base/buffer.h"

static struct arena *arena;

static void make_arena(void)
{
    arena = arena_new(65536);
}

static void drop_arena(void)
{
    arena_free(arena);
}

static const char rules[] = "rules:\n"
                            "  - name: analysts see no names\n"
                            "    effect: permit\n"
                            "    principals: {roles: [analyst]}\n"
                            "    datasets: [output.people]\n"
                            "    actions: [read]\n"
                            "    columns: {deny: [name, mail]}\n"
                            "  - name: france sees its own\n"
                            "    effect: permit\n"
                            "    principals: {roles: [france]}\n"
                            "    datasets: [output.people]\n"
                            "    actions: [read]\n"
                            "    columns: {deny: [mail]}\n"
                            "    rows: country eq 'FR'\n"
                            "  - name: spain sees its own\n"
                            "    effect: permit\n"
                            "    principals: {roles: [spain]}\n"
                            "    datasets: [output.people]\n"
                            "    actions: [read]\n"
                            "    columns: {deny: [phone]}\n"
                            "    rows: country eq 'ES'\n"
                            "  - name: the office sees all\n"
                            "    effect: permit\n"
                            "    principals: {subjects: [ann], scopes: ['control:write']}\n"
                            "    datasets: [output.*]\n"
                            "    actions: [read]\n"
                            "  - name: guests see nothing\n"
                            "    effect: forbid\n"
                            "    principals: {roles: [guest]}\n"
                            "    datasets: ['*']\n"
                            "    actions: [read, write]\n";

/* "allowed -mail where country eq 'FR'" */
static const char *decision_text(const struct access_decision *decision)
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    buffer_add_text(&text, decision->allowed ? "allowed" : "refused");
    for (const char *const *column = decision->denied_columns; *column; column++)
        buffer_print(&text, " -%s", *column);
    for (const char *const *filter = decision->row_filters; *filter; filter++)
        buffer_print(&text, " where %s", *filter);
    return arena_copy(arena, text.data, text.size);
}

static struct access access_of(const char *yaml)
{
    struct access access;
    struct faults faults;
    faults_init(&faults, arena, 20);
    bool right = access_read(arena, yaml ? yaml_node(arena, yaml) : NULL, &access, &faults);
    ck_assert_str_eq(faults_text(arena, &faults), "");
    ck_assert(right);
    return access;
}

static const struct {
    const char *roles[3];
    const char *subject;
    const char *scope;
    const char *dataset;
    enum access_action action;
    const char *decision;
} asked[] = {
    { { "analyst" }, NULL, NULL, "output.people", ACCESS_READ, "allowed -mail -name" },
    { { "france" },
      NULL,
      NULL,
      "output.people",
      ACCESS_READ,
      "allowed -mail where country eq 'FR'" },
    /* rows of any filter, but no column that one of them hides */
    { { "france", "spain" },
      NULL,
      NULL,
      "output.people",
      ACCESS_READ,
      "allowed -mail -phone where country eq 'ES' where country eq 'FR'" },
    /* all rows, without what that rule hides: the name of a French person stays hidden too */
    { { "france", "analyst" }, NULL, NULL, "output.people", ACCESS_READ, "allowed -mail -name" },
    { { "analyst", "france" }, "ann", NULL, "output.people", ACCESS_READ, "allowed" },
    { { NULL }, "ann", NULL, "output.people", ACCESS_READ, "allowed" },
    { { NULL }, "bob", "control:write", "output.people", ACCESS_READ, "allowed" },
    { { NULL }, "bob", "output:read", "output.people", ACCESS_READ, "refused" },
    { { NULL }, NULL, NULL, "output.people", ACCESS_READ, "refused" },
    /* the rule for the office is about every output, so nobody else reads any */
    { { "analyst" }, NULL, NULL, "output.shops", ACCESS_READ, "refused" },
    { { NULL }, "ann", NULL, "output.shops", ACCESS_READ, "allowed" },
    /* nothing is permitted for inputs, so the default decides */
    { { NULL }, "bob", NULL, "input.people", ACCESS_READ, "allowed" },
    { { NULL }, "bob", NULL, "input.people", ACCESS_WRITE, "allowed" },
    /* what forbids wins */
    { { "guest" }, NULL, NULL, "input.people", ACCESS_WRITE, "refused" },
    { { "guest", "analyst" }, "ann", NULL, "output.people", ACCESS_READ, "refused" },
    { { NULL }, "ann", NULL, "output.people", ACCESS_NOTHING, "refused" },
};

START_TEST(rules_decide)
{
    struct access access = access_of(rules);
    const char *const scopes[] = { asked[_i].scope, NULL };
    const struct access_subject who = { asked[_i].subject, asked[_i].roles, scopes };
    struct access_decision decision =
        access_decide(&access, arena, &who, asked[_i].dataset, asked[_i].action);
    ck_assert_str_eq(decision_text(&decision), asked[_i].decision);
}
END_TEST

START_TEST(without_rules_the_default_decides)
{
    const struct access_subject who = { 0 };
    struct access none = access_of(NULL);
    struct access denies = access_of("default: deny\n");
    ck_assert(access_decide(&none, arena, &who, "output.a", ACCESS_READ).allowed);
    ck_assert(!access_decide(&denies, arena, &who, "output.a", ACCESS_READ).allowed);
    ck_assert_str_eq(none.json, "{}");
    ck_assert_str_ne(none.sha256, denies.sha256);
}
END_TEST

START_TEST(those_who_see_the_same_have_one_fingerprint)
{
    struct access access = access_of(rules);
    const char *const analyst[] = { "analyst", NULL };
    const char *const both[] = { "france", "analyst", NULL };
    const char *const france[] = { "france", NULL };
    const struct access_subject a = { "a", analyst, NULL };
    const struct access_subject b = { "b", both, NULL };
    const struct access_subject c = { "c", france, NULL };
    const char *of_a = access_decide(&access, arena, &a, "output.people", ACCESS_READ).fingerprint;
    const char *of_b = access_decide(&access, arena, &b, "output.people", ACCESS_READ).fingerprint;
    const char *of_c = access_decide(&access, arena, &c, "output.people", ACCESS_READ).fingerprint;
    ck_assert_str_eq(of_a, of_b);
    ck_assert_str_ne(of_a, of_c);
}
END_TEST

static const struct {
    const char *yaml;
    const char *faults;
} wrong[] = {
    { "rules: [{name: a, effect: allow, datasets: [a], actions: [read, delete]}]\ndefault: no\n",
      "f:1:/rules/0/effect: \"allow\" is not known here; allowed: permit or forbid\n"
      "f:1:/rules/0/actions/1: \"delete\" is not known here; allowed: read or write\n"
      "f:2:/default: \"no\" is not known here; allowed: permit or deny\n" },
    { "rules:\n"
      "  - {name: a, effect: permit, datasets: [people, output.A, output., '**'], actions: "
      "[read]}\n"
      "  - {name: '', effect: permit, datasets: [], actions: []}\n"
      "  - {name: a, effect: permit, datasets: ['*'], actions: [read], principals: {}, rows: ' '}\n"
      "  - {name: b, effect: forbid, datasets: ['*'], actions: [read], rows: a eq 1, columns: "
      "{deny: [a]}}\n"
      "  - {name: c, effect: permit, datasets: ['*'], actions: [write], columns: {deny: ['']}}\n"
      "  - {name: d, effect: permit, datasets: ['*'], actions: [read], principals: {roles: ''}}\n",
      "f:2:/rules/0/datasets/0: \"people\" is no dataset; write output.NAME, input.NAME, output.*, "
      "input.* or *\n"
      "f:2:/rules/0/datasets/1: \"output.A\" is no dataset; write output.NAME, input.NAME, "
      "output.*, input.* or *\n"
      "f:2:/rules/0/datasets/2: \"output.\" is no dataset; write output.NAME, input.NAME, "
      "output.*, "
      "input.* or *\n"
      "f:2:/rules/0/datasets/3: \"**\" is no dataset; write output.NAME, input.NAME, output.*, "
      "input.* or *\n"
      "f:3:/rules/1/name: a rule needs a name to be told apart by\n"
      "f:3:/rules/1/datasets: a rule needs at least one dataset\n"
      "f:3:/rules/1/actions: a rule needs at least one action: read or write\n"
      "f:4:/rules/2/principals: nobody is named; leave principals out to mean everybody\n"
      "f:4:/rules/2/rows: the filter is empty\n"
      "f:4:/rules/2/name: a rule is named a already\n"
      "f:5:/rules/3/columns: a rule that forbids takes everything; to hide columns, permit reading "
      "with it\n"
      "f:5:/rules/3/rows: a rule that forbids takes everything; to hide rows, permit reading with "
      "it\n"
      "f:6:/rules/4/columns/deny/0: a column cannot be empty\n"
      "f:6:/rules/4/columns: means nothing for writing; make it a rule of its own that is for "
      "reading only\n"
      "f:7:/rules/5/principals/roles: must be a list, not text\n" },
    { "- a", "f:1: must be an object, not a list\n" },
};

START_TEST(wrong_rules_are_refused_with_every_reason)
{
    struct access access;
    struct faults faults;
    faults_init(&faults, arena, 20);
    ck_assert(!access_read(arena, yaml_node(arena, wrong[_i].yaml), &access, &faults));
    ck_assert_str_eq(faults_text(arena, &faults), wrong[_i].faults);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(rules_decide, asked),
    TEST(without_rules_the_default_decides),
    TEST(those_who_see_the_same_have_one_fingerprint),
    TEST_EACH(wrong_rules_are_refused_with_every_reason, wrong),
};

int main(void)
{
    return test_run_with("access", cases, COUNT(cases), make_arena, drop_arena);
}
