/*
 * What our reader says of documents, for documents_test.py: one JSON document per line of standard
 * input, behind "odcs " or "odps ". One line is answered for each: "right", or the first fault.
 */
#include "server/base/cleanup.h"
#include "server/model/contract.h"
#include "server/model/product.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_text(char **text)
{
    free(*text);
}

static void check(const char *kind, const char *json, size_t size)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(65536);
    const struct document_text source = { NULL, json, size, DOCUMENT_JSON };
    struct faults faults;
    struct contract contract;
    struct product product;
    faults_init(&faults, arena, 1);
    const struct node *root = document_parse(arena, &source, DOCUMENT_BYTES, &faults);
    if (root && strcmp(kind, "odcs") == 0) {
        if (contract_read(arena, root, &contract, &faults))
            contract_clear(&contract);
    } else if (root) {
        (void)product_read(arena, root, &product, &faults); /* the faults tell */
    }
    if (faults.first)
        printf("%s: %s\n", faults.first->path ? faults.first->path : "", faults.first->reason);
    else
        puts("right");
}

int main(void)
{
    CLEANUP(free_text) char *line = NULL;
    size_t room = 0;
    ssize_t size;
    while ((size = getline(&line, &room, stdin)) > 5) {
        line[4] = '\0';
        check(line, line + 5, (size_t)size - 6); /* without the newline */
    }
    return ferror(stdin) ? EXIT_FAILURE : EXIT_SUCCESS;
}
