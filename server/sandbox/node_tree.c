#include "node_tree.h"

#include "server/base/text.h"

#include <string.h>

#define MAX_DEPTH 2000

/* What a token is; a bracket is its own character. */
enum token {
    TOKEN_END = 0,
    TOKEN_ATOM = 'a',
    TOKEN_BROKEN = 'x', /* a backslash with nothing behind it */
};

/* A list or node that is not closed yet. */
struct open {
    struct tree *tree;
    const struct tree **end; /* where the next child is hung in */
    const char *key;         /* a member's, whose value comes next */
    const char *key_before;  /* of the last member; a byte array may follow its value */
};

/* The text is copied once; tokens are unescaped and ended in place. */
struct reader {
    struct arena *arena;
    const char *begin;
    char *at;
    char ended;        /* the character that the end of the last token was written over; 0: none */
    char *token;       /* of an atom: unescaped, without quotes */
    bool is_plain;     /* the atom has neither quotes nor a backslash */
    struct open *open; /* the innermost last */
    size_t depth;
};

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t';
}

static bool is_bracket(char byte)
{
    return byte == '(' || byte == ')' || byte == '{' || byte == '}';
}

/* Quotes stand only around the texts of a list; a quote within one is not escaped. */
static char *unquote(char *token, char *end)
{
    if (end - token < 2 || token[0] != '"' || end[-1] != '"')
        return token;
    end[-1] = '\0';
    return token + 1;
}

static enum token next_token(struct reader *reader)
{
    char *at = reader->at;
    char first = reader->ended ? reader->ended : *at;
    reader->ended = 0;
    while (is_blank(first))
        first = *++at;
    reader->at = at;
    if (!first)
        return TOKEN_END;
    if (is_bracket(first)) {
        reader->at++;
        return (enum token)first;
    }
    char *to = at;
    bool quoted = first == '"';
    reader->is_plain = !quoted;
    reader->token = at;
    for (; *at && !is_blank(*at) && !is_bracket(*at); at++) {
        if (*at == '\\') {
            reader->is_plain = false;
            if (!*++at)
                return TOKEN_BROKEN;
        }
        *to++ = *at;
    }
    reader->ended = *at;
    reader->at = at;
    *to = '\0';
    if (quoted)
        reader->token = unquote(reader->token, to);
    return TOKEN_ATOM;
}

static struct problem *broken(const struct reader *reader, const char *why)
{
    return problem_because(reader->arena,
                           problem_new(reader->arena, &PROBLEM_INTERNAL,
                                       "what Postgres says of the statement could not be read"),
                           "node tree: %s at byte %zu", why, (size_t)(reader->at - reader->begin));
}

static struct tree *add(struct reader *reader, enum tree_kind kind, const char *text)
{
    struct open *open = &reader->open[reader->depth - 1];
    struct tree *tree = arena_new_of(reader->arena, struct tree);
    tree->kind = kind;
    tree->key = open->key;
    tree->text = text;
    open->key_before = open->key;
    open->key = NULL;
    *open->end = tree;
    open->end = &tree->next;
    open->tree->count++;
    return tree;
}

static struct problem *open_bracket(struct reader *reader, enum tree_kind kind)
{
    if (reader->depth > MAX_DEPTH)
        return broken(reader, "nested too deep");
    struct tree *tree = add(reader, kind, "");
    struct open *open = &reader->open[reader->depth++];
    *open = (struct open){ .tree = tree, .end = &tree->first };
    if (kind == TREE_LIST)
        return NULL;
    enum token token = next_token(reader);
    if (token == '}') /* {} is what Postgres writes for what it cannot */
        reader->depth--;
    else if (token == TOKEN_ATOM)
        tree->text = reader->token;
    else
        return broken(reader, "a node without a label");
    return NULL;
}

static struct problem *close_bracket(struct reader *reader, enum tree_kind kind)
{
    const struct open *open = &reader->open[reader->depth - 1];
    if (reader->depth < 2 || open->tree->kind != kind || open->key)
        return broken(reader, "a bracket that closes nothing");
    reader->depth--;
    return NULL;
}

/* The bytes of a constant, `4 [ 1 0 0 0 ]`: nobody needs them. */
static struct problem *skip_bytes(struct reader *reader)
{
    while (next_token(reader) == TOKEN_ATOM)
        if (strcmp(reader->token, "]") == 0)
            return NULL;
    return broken(reader, "bytes without an end");
}

static struct problem *take_atom(struct reader *reader)
{
    struct open *open = &reader->open[reader->depth - 1];
    char *text = reader->token;
    bool plain = reader->is_plain;
    /* a name may begin with a colon too, so a key is one only where no value is awaited */
    if (open->tree->kind == TREE_NODE && !open->key) {
        if (text[0] == ':') {
            open->key = text + 1;
            return NULL;
        }
        if (plain && strcmp(text, "[") == 0 && open->key_before) {
            open->key_before = NULL;
            return skip_bytes(reader);
        }
        return broken(reader, "a value without a name");
    }
    bool first = open->tree->kind == TREE_LIST && open->tree->count == 0;
    if (first && plain && !open->tree->text[0] && text[0] && !text[1] && strchr("iobx", text[0]))
        open->tree->text = text;
    else if (plain && strcmp(text, "<>") == 0)
        add(reader, TREE_NOTHING, "");
    else
        add(reader, TREE_ATOM, text);
    return NULL;
}

static struct problem *take_token(struct reader *reader, enum token token)
{
    const struct open *open = &reader->open[reader->depth - 1];
    bool begins = token == (enum token)'(' || token == (enum token)'{';
    if (begins && open->tree->kind == TREE_NODE && !open->key)
        return broken(reader, "a value without a name");
    switch ((int)token) {
    case '(':
        return open_bracket(reader, TREE_LIST);
    case '{':
        return open_bracket(reader, TREE_NODE);
    case ')':
        return close_bracket(reader, TREE_LIST);
    case '}':
        return close_bracket(reader, TREE_NODE);
    case TOKEN_ATOM:
        return take_atom(reader);
    default:
        return broken(reader, token == TOKEN_END ? "an early end" : "a backslash before nothing");
    }
}

struct problem *node_tree_parse(struct arena *arena, const char *text, const struct tree **out_tree)
{
    char *copy = arena_text(arena, text);
    struct reader reader = { .arena = arena, .begin = copy, .at = copy, .depth = 1 };
    reader.open = arena_array_of(arena, struct open, MAX_DEPTH + 1);
    struct tree top = { .kind = TREE_LIST, .text = "top" };
    reader.open[0] = (struct open){ .tree = &top, .end = &top.first };
    do
        TRY(take_token(&reader, next_token(&reader)));
    while (reader.depth > 1);
    if (next_token(&reader) != TOKEN_END)
        return broken(&reader, "something behind it");
    *out_tree = top.first;
    return NULL;
}

const struct tree *tree_member(const struct tree *node, const char *key)
{
    if (!node || node->kind != TREE_NODE)
        return NULL;
    for (const struct tree *member = node->first; member; member = member->next)
        if (strcmp(member->key, key) == 0)
            return member->kind == TREE_NOTHING ? NULL : member;
    return NULL;
}

const char *tree_text(const struct tree *node, const char *key)
{
    const struct tree *member = tree_member(node, key);
    return member && member->kind == TREE_ATOM ? member->text : NULL;
}

int64_t tree_number(const struct tree *node, const char *key, int64_t missing)
{
    const char *text = tree_text(node, key);
    int64_t number;
    return text && text_to_int64(text, &number) ? number : missing;
}

bool tree_is(const struct tree *node, const char *label)
{
    return node && node->kind == TREE_NODE && strcmp(node->text, label) == 0;
}
