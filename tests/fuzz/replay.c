/*
 * Replays a corpus: every file of the folder given goes through the target once, in order of name,
 * after the empty input. Prints TAP. A crash ends the program in the middle of its plan, which
 * fails the test; the last line tells the file.
 */
#include "fuzz.h"
#include "server/base/arena.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CLEANUP_DEFINE(FILE *, fclose)
CLEANUP_DEFINE(void *, free)

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* The input is a heap block of exactly its size, so that a sanitizer sees one byte too many. */
static void replay(const void *data, size_t size)
{
    CLEANUP(free_at) void *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    (void)LLVMFuzzerTestOneInput(copy, size); /* always 0 */
}

static bool replay_file(struct arena *arena, const char *path)
{
    CLEANUP(fclose_at) FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        return false;
    long size = ftell(file);
    if (size < 0 || fseek(file, 0, SEEK_SET) != 0)
        return false;
    void *data = arena_alloc(arena, (size_t)size);
    if (fread(data, 1, (size_t)size, file) != (size_t)size)
        return false;
    replay(data, (size_t)size);
    return true;
}

int main(int count, char **arguments)
{
    struct dirent **entries = NULL;
    int files = count == 2 ? scandir(arguments[1], &entries, is_input, alphasort) : -1;
    if (files < 0) {
        puts("Bail out! usage: fuzz-replay-NAME CORPUS-FOLDER");
        return EXIT_FAILURE;
    }
    printf("1..%d\n# the empty input\n", files + 1);
    (void)fflush(stdout); /* so that a crash still tells how far it came */
    replay("", 0);
    puts("ok 1 - the empty input");
    int failed = 0;
    for (int i = 0; i < files; i++) {
        CLEANUP(arena_free_at) struct arena *arena = arena_new(65536);
        printf("# %s\n", entries[i]->d_name);
        (void)fflush(stdout); /* as above */
        bool ok = replay_file(arena, arena_print(arena, "%s/%s", arguments[1], entries[i]->d_name));
        printf("%s %d - %s\n", ok ? "ok" : "not ok", i + 2, entries[i]->d_name);
        failed += !ok;
        free(entries[i]);
    }
    free(entries);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
