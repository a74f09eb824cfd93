#include "server/base/buffer.h"
#include "server/sandbox/node_tree.h"
#include "tests/unit/test.h"

#include <string.h>

/* The form again, so that a case can be compared whole: labels, keys, texts in quotes. */
static void write_tree(struct buffer *out, const struct tree *tree, int depth)
{
    if (tree->key)
        buffer_print(out, "%s=", tree->key);
    if (tree->kind == TREE_NOTHING)
        buffer_add_text(out, "-");
    if (tree->kind == TREE_ATOM)
        buffer_print(out, "'%s'", tree->text);
    if (tree->kind == TREE_ATOM || tree->kind == TREE_NOTHING)
        return;
    ck_assert_int_lt(depth, 50);
    buffer_print(out, tree->kind == TREE_LIST ? "(%s" : "{%s", tree->text);
    size_t count = 0;
    for (const struct tree *child = tree->first; child; child = child->next) {
        if (count++ || tree->text[0])
            buffer_add_char(out, ' ');
        write_tree(out, child, depth + 1);
    }
    ck_assert_uint_eq(count, tree->count);
    buffer_add_char(out, tree->kind == TREE_LIST ? ')' : '}');
}

static const struct {
    const char *text;
    const char *form;
} read_whole[] = {
    { "<>", "-" },
    { "15", "'15'" },
    { " ( ) ", "()" },
    { "{}", "{}" },
    { "{SORT}", "{SORT}" },
    { "(i 1 2)", "(i '1' '2')" },
    { "(o 16384)", "(o '16384')" },
    { "(b 8 9)", "(b '8' '9')" },
    { "(b)", "(b)" },
    { "(x 700)", "(x '700')" },
    { "(\"i\" \"o\")", "('i' 'o')" },
    { "{VAR :varno 1 :varattno -2 :varnullingrels (b) :location -1}",
      "{VAR varno='1' varattno='-2' varnullingrels=(b) location='-1'}" },
    { "({QUERY :a <> :b {X :c (1 2)}} {Y})", "({QUERY a=- b={X c=('1' '2')}} {Y})" },
    /* names with what would part tokens, or look like something else */
    { "{A :name a\\ b\\(c\\)\\{d\\}\\\\e\\\nf :next 1}", "{A name='a b(c){d}\\e\nf' next='1'}" },
    { "{A :name \\<> :next \"\"}", "{A name='<>' next=''}" },
    { "{A :name \\\"q\" :next \\\"\"}", "{A name='\"q\"' next='\"\"'}" },
    { "{A :name :next :other [ :last ]}", "{A name=':next' other='[' last=']'}" },
    { "{A :name \\1 :other \\-5}", "{A name='1' other='-5'}" },
    /* texts of a list stand in quotes */
    { "(\"\" \"a\" \"a\\ b\" \"a\"b\" \"\\\"\" \"\\<>\")", "('' 'a' 'a b' 'a\"b' '\"' '<>')" },
    /* the bytes of a constant are left out */
    { "{CONST :constlen 4 :constvalue 4 [ 1 0 0 0 -1 0 0 0 ] :next 2}",
      "{CONST constlen='4' constvalue='4' next='2'}" },
    { "{CONST :constvalue 8 [ 0 -1 ]}", "{CONST constvalue='8'}" },
    { "{CONST :constvalue 0 [ ]}", "{CONST constvalue='0'}" },
};

START_TEST(a_tree_is_read)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer form = { 0 };
    const struct tree *tree = NULL;
    struct problem *problem = node_tree_parse(arena, read_whole[_i].text, &tree);
    ck_assert_msg(!problem, "%s: %s", read_whole[_i].text, problem ? problem->cause : "");
    write_tree(&form, tree, 0);
    ck_assert_str_eq(buffer_text(&form), read_whole[_i].form);
}
END_TEST

static const char *const not_trees[] = {
    "",
    "  ",
    "(",
    ")",
    "}",
    "(1",
    "(1}",
    "{A",
    "{",
    "{A)",
    "{(1)}",
    "{{A}}",
    "{A :b}",
    "{A b}",
    "{A :b 1 2}",
    "{A :b 1 (2)}",
    "{A :b 1 {C}}",
    "{A [ 1 ]}",
    "{A :b 4 [ 1",
    "{A :b 4 [ 1 (2) ]}",
    "{A :b 4 [ 1 ] [ 2 ]}",
    "{A :b 4 \\[ 1 ]}",
    "1 2",
    "(1) (2)",
    "(a\\",
};

START_TEST(anything_else_is_refused)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const struct tree *tree = NULL;
    struct problem *problem = node_tree_parse(arena, not_trees[_i], &tree);
    ck_assert_msg(problem != NULL, "read: %s", not_trees[_i]);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_INTERNAL);
    ck_assert_ptr_null(tree);
}
END_TEST

START_TEST(members_are_found_by_name)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const struct tree *tree;
    ck_assert_ptr_null(node_tree_parse(
        arena, "{RTE :alias <> :rtekind 0 :relid 4294967295 :name q :list (1) :empty \"\"}",
        &tree));
    ck_assert(tree_is(tree, "RTE") && !tree_is(tree, "RTEX") && !tree_is(NULL, "RTE"));
    ck_assert_ptr_null(tree_member(tree, "alias"));
    ck_assert_ptr_null(tree_member(tree, "none"));
    ck_assert_ptr_null(tree_member(NULL, "alias"));
    ck_assert_uint_eq(tree_member(tree, "list")->count, 1);
    ck_assert_ptr_null(tree_member(tree_member(tree, "list"), "name"));
    ck_assert(!tree_is(tree_member(tree, "list"), ""));
    ck_assert_str_eq(tree_text(tree, "name"), "q");
    ck_assert_str_eq(tree_text(tree, "empty"), "");
    ck_assert_ptr_null(tree_text(tree, "list"));
    ck_assert_int_eq(tree_number(tree, "relid", -1), 4294967295);
    ck_assert_int_eq(tree_number(tree, "rtekind", -1), 0);
    ck_assert_int_eq(tree_number(tree, "name", -1), -1);
    ck_assert_int_eq(tree_number(tree, "none", 7), 7);
}
END_TEST

START_TEST(depth_is_bounded_and_needs_no_stack)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    for (int depth = 2000; depth <= 100000; depth += 98000) {
        buffer_reset(&text);
        for (int i = 0; i < depth; i++)
            buffer_add_char(&text, '(');
        for (int i = 0; i < depth; i++)
            buffer_add_char(&text, ')');
        const struct tree *tree = NULL;
        struct problem *problem = node_tree_parse(arena, buffer_text(&text), &tree);
        ck_assert_int_eq(problem != NULL, depth > 2000);
    }
}
END_TEST

START_TEST(a_long_list_is_read_in_one_pass)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(65536);
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    const int entries = 300000; /* what is quadratic would not come back in time */
    buffer_add_char(&text, '(');
    for (int i = 0; i < entries; i++)
        buffer_print(&text, "{TARGETENTRY :resno %d :resname \"c%d\"} ", i, i);
    buffer_add_char(&text, ')');
    const struct tree *tree = NULL;
    ck_assert_ptr_null(node_tree_parse(arena, buffer_text(&text), &tree));
    int64_t number = 0;
    for (const struct tree *entry = tree->first; entry; entry = entry->next)
        ck_assert_int_eq(tree_number(entry, "resno", -1), number++);
    ck_assert_int_eq(number, entries);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_tree_is_read, read_whole), TEST_EACH(anything_else_is_refused, not_trees),
    TEST(members_are_found_by_name),       TEST(depth_is_bounded_and_needs_no_stack),
    TEST(a_long_list_is_read_in_one_pass),
};
TEST_MAIN("node_tree", cases)
