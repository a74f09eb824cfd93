#include "corpus.h"

#include "server/base/buffer.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CLEANUP_DEFINE(FILE *, fclose)

/* A list that grows. */
struct growing {
    struct arena *arena;
    struct attack *list;
    size_t count;
};

static void give_up(const char *what)
{
    fprintf(stderr, "attacks: %s\n", what);
    exit(EXIT_FAILURE);
}

const char *corpus_replace(struct arena *arena, const char *text, const char *mark,
                           const char *value)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    for (const char *at; (at = strstr(text, mark)); text = at + strlen(mark)) {
        buffer_add(&out, text, (size_t)(at - text));
        buffer_add_text(&out, value);
    }
    buffer_add_text(&out, text);
    return arena_copy(arena, out.data, out.size);
}

static void add_part(struct arena *arena, struct buffer *out, const char *part, int number)
{
    const char *before = arena_print(arena, "%d", number - 1);
    part = corpus_replace(arena, part, "%#", before);
    buffer_add_text(out, corpus_replace(arena, part, "#", arena_print(arena, "%d", number)));
}

/* Inside of @repeat(…)@: a count, and a text, or what opens, stands within, closes. */
static void add_repeat(struct arena *arena, struct buffer *out, const char *inside)
{
    char *text = NULL;
    int count = (int)strtol(inside, &text, 10);
    char *within = strchr(++text, '!');
    if (within)
        *within++ = '\0';
    for (int i = 1; i <= count; i++)
        add_part(arena, out, text, i);
    if (!within)
        return;
    char *close = strchr(within, '!');
    if (!close)
        give_up(inside);
    *close++ = '\0';
    buffer_add_text(out, within);
    for (int i = count; i > 0; i--)
        add_part(arena, out, close, i);
}

static const char *expand(struct arena *arena, const char *text)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    for (const char *at; (at = strstr(text, "@repeat("));) {
        const char *end = strstr(at, ")@");
        if (!end)
            give_up(text);
        buffer_add(&out, text, (size_t)(at - text));
        at += strlen("@repeat(");
        add_repeat(arena, &out, arena_copy(arena, at, (size_t)(end - at)));
        text = end + 2;
    }
    buffer_add_text(&out, text);
    return arena_copy(arena, out.data, out.size);
}

static void add(struct growing *attacks, const char *name, const char *canary,
                const struct buffer *text)
{
    if (!canary)
        return;
    size_t size = text->size;
    while (size && text->data[size - 1] == '\n')
        size--;
    attacks->list =
        arena_grown(attacks->arena, attacks->list, attacks->count, sizeof(struct attack));
    attacks->list[attacks->count++] =
        (struct attack){ name, canary,
                         expand(attacks->arena, arena_copy(attacks->arena, text->data, size)) };
}

static void read_file(struct growing *attacks, const char *folder, const char *file_name)
{
    struct arena *arena = attacks->arena;
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    CLEANUP(fclose_at) FILE *file = fopen(arena_print(arena, "%s/%s", folder, file_name), "r");
    const char *canary = NULL;
    const char *name = NULL;
    char line[8192];
    if (!file)
        give_up(file_name);
    for (int number = 1; fgets(line, sizeof line, file); number++) {
        if (strncmp(line, "--- ", 4) != 0) {
            buffer_add_text(&text, canary ? line : "");
            continue;
        }
        add(attacks, name, canary, &text);
        buffer_reset(&text);
        name = arena_print(arena, "%s:%d", file_name, number + 1);
        canary = arena_copy(arena, line + 4, strcspn(line + 4, "\n"));
    }
    add(attacks, name, canary, &text);
}

static int is_statements(const struct dirent *entry)
{
    const char *end = strrchr(entry->d_name, '.');
    return end && strcmp(end, ".sql") == 0;
}

struct corpus corpus_read(struct arena *arena)
{
    struct growing attacks = { .arena = arena };
    struct dirent **entries = NULL;
    const char *folder = getenv("SQL_ATTACKS");
    int files = folder ? scandir(folder, &entries, is_statements, alphasort) : -1;
    if (files <= 0)
        give_up("$SQL_ATTACKS names no folder of statements");
    for (int i = 0; i < files; i++) {
        read_file(&attacks, folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return (struct corpus){ attacks.list, attacks.count };
}
