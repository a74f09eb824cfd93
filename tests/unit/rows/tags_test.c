#include "server/rows/tags.h"
#include "tests/unit/test.h"

#include <string.h>

static const struct tag tag_of_one = { "5f2a", true };
static const struct tag tag_of_other = { "77e0", false };

START_TEST(a_tag_is_kept_with_its_question)
{
    struct tags *tags = tags_new();
    ck_assert_ptr_null(tags_find(tags, 7, "question", 8));
    tags_keep(tags, 7, "question", 8, &tag_of_one);
    const struct tag *tag = tags_find(tags, 7, "question", 8);
    ck_assert_ptr_nonnull(tag);
    ck_assert_str_eq(tag->text, "5f2a");
    ck_assert(tag->pinned);
    tags_keep(tags, 7, "question", 8, &tag_of_other);
    tag = tags_find(tags, 7, "question", 8);
    ck_assert_str_eq(tag->text, "77e0");
    ck_assert(!tag->pinned);
    tags_free(tags);
    tags_free(NULL);
}
END_TEST

static const struct {
    const char *text;
    size_t size;
} others[] = {
    { "questiom", 8 }, { "Question", 8 }, { "questio", 7 }, { "question", 9 }, { "", 0 },
};

START_TEST(another_question_has_no_tag)
{
    struct tags *tags = tags_new();
    tags_keep(tags, 7, "question", 8, &tag_of_one);
    ck_assert_ptr_null(tags_find(tags, 7, others[_i].text, others[_i].size));
    tags_free(tags);
}
END_TEST

START_TEST(with_another_revision_all_is_forgotten)
{
    struct tags *tags = tags_new();
    tags_keep(tags, 7, "one", 3, &tag_of_one);
    tags_keep(tags, 7, "two", 3, &tag_of_other);
    ck_assert_ptr_null(tags_find(tags, 8, "one", 3));
    tags_keep(tags, 8, "two", 3, &tag_of_one);
    ck_assert_str_eq(tags_find(tags, 8, "two", 3)->text, "5f2a");
    ck_assert_ptr_null(tags_find(tags, 7, "two", 3)); /* nor does the old one come back */
    tags_free(tags);
}
END_TEST

START_TEST(there_is_a_bound)
{
    struct tags *tags = tags_new();
    char question[TAGS_QUESTION_BYTES + 1];
    size_t found = 0;
    memset(question, 'q', sizeof question);
    tags_keep(tags, 7, question, sizeof question, &tag_of_one);
    ck_assert_ptr_null(tags_find(tags, 7, question, sizeof question));
    for (int i = 0; i < 5000; i++)
        tags_keep(tags, 7, (const char *)&i, sizeof i, &tag_of_one);
    for (int i = 0; i < 5000; i++)
        found += tags_find(tags, 7, (const char *)&i, sizeof i) != NULL;
    ck_assert_uint_gt(found, 500);
    ck_assert_uint_le(found, 1024);
    tags_free(tags);
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_tag_is_kept_with_its_question),
    TEST_EACH(another_question_has_no_tag, others),
    TEST(with_another_revision_all_is_forgotten),
    TEST(there_is_a_bound),
};
TEST_MAIN("tags", cases)
