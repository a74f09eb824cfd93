#include "server/base/cleanup.h"
#include "server/query/lexer.h"
#include "tests/unit/test.h"

#include <string.h>

/* Texts and their tokens: kind:text, parted by a space each. */
static const struct {
    const char *text;
    const char *tokens;
} texts[] = {
    { "", "end" },
    { " \t ", "end" },
    { "id eq 42", "word:id word:eq integer:42 end" },
    { "id\teq\t42", "word:id word:eq integer:42 end" },
    { "(a,b)", "(:( word:a ,:, word:b ):) end" },
    { "-5", "integer:-5 end" },
    { "+5", "integer:+5 end" },
    { "- 5", "-:- integer:5 end" },
    { "-a", "-:- word:a end" },
    { "-(1)", "-:- (:( integer:1 ):) end" },
    { "1.5", "decimal:1.5 end" },
    { "1e3", "decimal:1e3 end" },
    { "-1.5E-3", "decimal:-1.5E-3 end" },
    { "1.", "integer:1 ?:. end" },
    { ".5", "?:. integer:5 end" },
    { "1e", "?:1 word:e end" },
    { "12abc", "?:1 ?:2 word:abc end" },
    { "0:1", "integer:0 ::: integer:1 end" },
    { "-INF", "number:-INF end" },
    { "-INFO", "-:- word:INFO end" },
    { "INF", "word:INF end" },
    { "2026-01-02", "date:2026-01-02 end" },
    { "-10000-01-02", "date:-10000-01-02 end" },
    { "2026-01-02T03:04Z", "timestamp:2026-01-02T03:04Z end" },
    { "2026-01-02t03:04:05.123z", "timestamp:2026-01-02t03:04:05.123z end" },
    { "2026-01-02T03:04:05+01:00", "timestamp:2026-01-02T03:04:05+01:00 end" },
    { "2026-01-02T03:04:05", "timestamp:2026-01-02T03:04:05 end" },
    { "03:04", "time:03:04 end" },
    { "03:04:05.5", "time:03:04:05.5 end" },
    { "0ae2f1b8-2ae2-4b7a-8f0e-1234567890ab", "uuid:0ae2f1b8-2ae2-4b7a-8f0e-1234567890ab end" },
    { "aae2f1b8-2ae2-4b7a-8f0e-1234567890AB", "uuid:aae2f1b8-2ae2-4b7a-8f0e-1234567890AB end" },
    { "abcdef", "word:abcdef end" },
    { "'a b'", "text:'a b' end" },
    { "'O''Neil'", "text:'O''Neil' end" },
    { "''", "text:'' end" },
    { "''''", "text:'''' end" },
    { "'open", "?:'open end" },
    { "'open''", "?:'open'' end" },
    { "binary'AA'", "prefixed:binary'AA' end" },
    { "Ns.Color'Red'", "prefixed:Ns.Color'Red' end" },
    { "binary'AA", "?:binary'AA end" },
    { "geo.distance(a)", "call:geo.distance (:( word:a ):) end" },
    { "f (a)", "word:f (:( word:a ):) end" },
    { "$it/a", "word:$it /:/ word:a end" },
    { "@p", "word:@p end" },
    { "@", "?:@ end" },
    { "a.", "word:a ?:. end" },
    { "*", "*:* end" },
    { "[1]", "json:[ integer:1 ?:] end" },
    { "größe eq 1", "word:größe word:eq integer:1 end" },
    { "a;b", "word:a ?:; word:b end" },
    { "a\nb", "word:a ?:\n word:b end" },
};

static const char *kind_name(const struct token *token)
{
    static const char *const names[] = {
        [TOKEN_TEXT] = "text", [TOKEN_PREFIXED] = "prefixed", [TOKEN_OPEN] = "(",
        [TOKEN_CLOSE] = ")",   [TOKEN_COMMA] = ",",           [TOKEN_COLON] = ":",
        [TOKEN_SLASH] = "/",   [TOKEN_MINUS] = "-",           [TOKEN_STAR] = "*",
        [TOKEN_JSON] = "json", [TOKEN_UNKNOWN] = "?",
    };
    if (token->kind == TOKEN_WORD)
        return token->called ? "call" : "word";
    return token->kind == TOKEN_LITERAL ? value_type_name(token->type) : names[token->kind];
}

START_TEST(a_text_is_cut_into_tokens)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    struct lexer lexer = { .text = texts[_i].text };
    struct token token = lexer_next(&lexer);
    for (; token.kind != TOKEN_END; token = lexer_next(&lexer)) {
        ck_assert_ptr_eq(token.text, texts[_i].text + token.position);
        buffer_print(&out, "%s:%.*s ", kind_name(&token), (int)token.size, token.text);
    }
    buffer_add_text(&out, "end");
    ck_assert_str_eq(buffer_text(&out), texts[_i].tokens);
    ck_assert_int_eq(lexer_next(&lexer).kind, TOKEN_END);
    ck_assert_uint_eq(lexer_next(&lexer).position, strlen(texts[_i].text));
}
END_TEST

START_TEST(a_token_knows_the_space_before_it)
{
    struct lexer lexer = { .text = "a eq(1)" };
    ck_assert(!lexer_next(&lexer).spaced);
    struct token eq = lexer_next(&lexer);
    ck_assert(eq.spaced && eq.called);
    ck_assert(!lexer_next(&lexer).spaced);
}
END_TEST

START_TEST(a_word_is_known_in_any_case_and_only_whole)
{
    struct lexer lexer = { .text = "aNd" };
    struct token token = lexer_next(&lexer);
    ck_assert(token_is(&token, "and"));
    ck_assert(!token_is(&token, "an"));
    ck_assert(!token_is(&token, "andy"));
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_text_is_cut_into_tokens, texts),
    TEST(a_token_knows_the_space_before_it),
    TEST(a_word_is_known_in_any_case_and_only_whole),
};
TEST_MAIN("lexer", cases)
