#include "mutate.h"

#include "server/base/buffer.h"
#include "server/sandbox/allowed.h"

#include <ctype.h>
#include <string.h>

enum { MOST_TOKENS = 400, MOST_CHANGES = 3 };

/* A statement in pieces: words, texts in quotes, and single characters, blanks left out. */
struct tokens {
    const char *list[MOST_TOKENS];
    size_t count;
};

static size_t below(struct mutator *mutator, size_t limit)
{
    mutator->state ^= mutator->state << 13;
    mutator->state ^= mutator->state >> 7;
    mutator->state ^= mutator->state << 17;
    return limit ? (size_t)(mutator->state % limit) : 0;
}

static bool is_word(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_' || byte == '@' || (byte & 0x80);
}

static size_t token_size(const char *at)
{
    size_t size = 1;
    if (is_word(*at))
        while (is_word(at[size]))
            size++;
    else if (*at == '\'' || *at == '"')
        size += strcspn(at + 1, *at == '"' ? "\"" : "'") + (strchr(at + 1, *at) != NULL);
    else if (strchr("<>=!~|&@#-+*/%^?:", *at))
        while (at[size] && strchr("<>=!~|&@#?:*", at[size]))
            size++;
    return size;
}

static void split(struct arena *arena, const char *sql, struct tokens *out)
{
    out->count = 0;
    while (*sql && out->count < MOST_TOKENS) {
        sql += strspn(sql, " \n\t");
        size_t size = *sql ? token_size(sql) : 0;
        if (size)
            out->list[out->count++] = arena_copy(arena, sql, size);
        sql += size;
    }
}

static const char *join(struct arena *arena, const struct tokens *tokens, size_t from, size_t to)
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    for (size_t i = from; i < to; i++)
        buffer_print(&text, "%s%s", i > from ? " " : "", tokens->list[i]);
    return arena_copy(arena, text.data ? text.data : "", text.size);
}

/* A token or, where it opens a bracket, all up to its end. */
static size_t span(const struct tokens *tokens, size_t from)
{
    size_t depth = 0;
    for (size_t i = from; i < tokens->count; i++) {
        depth += strcmp(tokens->list[i], "(") == 0;
        if (depth && strcmp(tokens->list[i], ")") == 0)
            depth--;
        if (!depth)
            return i + 1;
    }
    return tokens->count;
}

/* Put a text in the place of some tokens. */
static void replace(struct tokens *tokens, size_t from, size_t to, const char *text)
{
    if (to <= from || from >= tokens->count)
        return;
    tokens->list[from] = text;
    memmove(&tokens->list[from + 1], &tokens->list[to],
            (tokens->count - to) * sizeof tokens->list[0]);
    tokens->count -= to - from - 1;
}

/* More often one that is fine, so that mutants get through the gates now and then. */
static const char *some_statement(struct mutator *mutator)
{
    const struct corpus *corpus = mutator->corpus;
    bool fine = below(mutator, 4) > 0;
    for (int turn = 0; turn < 200; turn++) {
        const struct attack *attack = &corpus->list[below(mutator, corpus->count)];
        if (strlen(attack->sql) <= 600 && attack_is(attack, "fine") == fine)
            return attack->sql;
    }
    return "SELECT id AS x FROM orders";
}

static const char *some_part(struct mutator *mutator, struct arena *arena)
{
    struct tokens *other = arena_new_of(arena, struct tokens);
    split(arena, some_statement(mutator), other);
    size_t from = below(mutator, other->count);
    return join(arena, other, from, span(other, from));
}

/* A name of this server, or one that is allowed. */
static const char *some_word(struct mutator *mutator)
{
    const struct allowed_list *functions = &allowed_lists[ALLOWED_FUNCTIONS];
    const struct allowed_list *types = &allowed_lists[ALLOWED_TYPES];
    switch (below(mutator, 3)) {
    case 0:
        return functions->rows[below(mutator, functions->count)].name;
    case 1:
        return types->rows[below(mutator, types->count)].name;
    default:
        return mutator->words[below(mutator, mutator->word_count)];
    }
}

static void change(struct mutator *mutator, struct arena *arena, struct tokens *tokens)
{
    size_t from = below(mutator, tokens->count);
    size_t to = span(tokens, from);
    const char *part = join(arena, tokens, from, to);
    switch (below(mutator, 9)) {
    case 0:
        replace(tokens, from, from + 1, some_word(mutator));
        break;
    case 1:
        replace(tokens, from, to, some_part(mutator, arena));
        break;
    case 2:
        replace(tokens, from, to, arena_print(arena, "%s(%s)", some_word(mutator), part));
        break;
    case 3:
        replace(tokens, from, to, arena_print(arena, "(%s).%s", part, some_word(mutator)));
        break;
    case 4:
        replace(tokens, from, to, arena_print(arena, "%s, %s", part, some_part(mutator, arena)));
        break;
    case 5:
        replace(tokens, from, to, "");
        break;
    case 6:
        replace(tokens, from, to, arena_print(arena, "%s::%s", part, some_word(mutator)));
        break;
    case 7:
        replace(tokens, from, to, arena_print(arena, "(%s)", some_statement(mutator)));
        break;
    default:
        replace(tokens, from, from + 1, arena_print(arena, "/**/ \"%s\"", tokens->list[from]));
    }
}

const char *mutate(struct mutator *mutator, struct arena *arena)
{
    struct tokens *tokens = arena_new_of(arena, struct tokens);
    split(arena, some_statement(mutator), tokens);
    for (size_t turn = 1 + below(mutator, MOST_CHANGES); turn > 0 && tokens->count; turn--)
        change(mutator, arena, tokens);
    const char *sql = join(arena, tokens, 0, tokens->count);
    switch (below(mutator, 6)) {
    case 0:
        return arena_print(arena, "SELECT * FROM (%s) AS q", sql);
    case 1:
        return arena_print(arena, "WITH q AS (%s) SELECT q.* FROM q, orders", sql);
    case 2:
        return arena_print(arena, "%s UNION ALL %s", sql, some_statement(mutator));
    default:
        return sql;
    }
}
