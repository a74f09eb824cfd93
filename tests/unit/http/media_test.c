#include "server/http/media.h"
#include "tests/unit/test.h"

#include "server/base/buffer.h"

/* type;name=value|q, parted by spaces */
static const struct {
    const char *accept;
    const char *ranges;
} fields[] = {
    { NULL, "" },
    { "", "" },
    { " , ,", "" },
    { "application/json", "application/json|1000" },
    { "a/b;q=0.5, c/*;q=0 ,*/*;q=1.000", "a/b|500 c/*|0 */*|1000" },
    { "application/json;odata.metadata=minimal;q=1.0,text/plain;q=0.7",
      "application/json;odata.metadata=minimal|1000 text/plain|700" },
    { "a/b ; x = \"1,;\\\"2\" ;y", "a/b;x=1,;\"2;y=|1000" },
    { "a/b;q=0.1;x=1", "a/b;x=1|100" },
    /* not well formed: left out, the others stay */
    { "a, a/, /b, a/b/c, a b/c, d/e", "d/e|1000" },
    { "a/b;q=2, a/b;q=x, a/b;q=, a/b;q=-1, a/b;q=0.1234, d/e;q=1", "d/e|1000" },
    { "a/b;x y=1, d/e", "d/e|1000" },
    { "a/b;x=\"never closed, d/e", "a/b;x=\"never closed, d/e|1000" },
};

START_TEST(a_field_is_cut_into_its_ranges)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    size_t count;
    const struct media_range *ranges = media_ranges(arena, fields[_i].accept, &count);
    for (size_t i = 0; i < count; i++) {
        buffer_print(&out, "%s%s", i ? " " : "", ranges[i].type);
        for (size_t k = 0; k < ranges[i].parameter_count; k++)
            buffer_print(&out, ";%s=%s", ranges[i].parameters[k].name,
                         ranges[i].parameters[k].value);
        buffer_print(&out, "|%d", ranges[i].quality);
    }
    ck_assert_str_eq(buffer_text(&out), fields[_i].ranges);
}
END_TEST

static const struct {
    const char *range;
    int exactness;
} matches[] = {
    { "application/json", 3 }, { "APPLICATION/Json", 3 },
    { "application/*", 2 },    { "*/*", 1 },
    { "application/xml", 0 },  { "text/*", 0 },
    { "*/json", 0 },           { "application/jsonx", 0 },
};

START_TEST(a_range_names_a_type_more_or_less_exactly)
{
    const struct media_range range = { .type = matches[_i].range };
    ck_assert_int_eq(media_exactness(&range, "application/json"), matches[_i].exactness);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_field_is_cut_into_its_ranges, fields),
    TEST_EACH(a_range_names_a_type_more_or_less_exactly, matches),
};
TEST_MAIN("media", cases)
