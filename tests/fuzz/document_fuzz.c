/*
 * Documents of the folder and of requests: YAML, or JSON where the first byte is a J. Whatever is
 * read must come back equal when it is written, as YAML and as JSON; JSON must be what jansson
 * takes it for. The contracts and so on are read too: they must refuse or accept, and no more.
 */
#include "fuzz.h"
#include "server/model/access.h"
#include "server/model/contract.h"
#include "server/model/pipeline_document.h"
#include "server/model/product.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

CLEANUP_DEFINE(json_t *, json_decref)

static const struct node *parse(struct arena *arena, const char *text, size_t size,
                                enum document_format format, struct faults *faults)
{
    const struct document_text source = { "f", text, size, format };
    faults_init(faults, arena, 10);
    /* room for what grows when it is written: aliases, escapes, the blanks of YAML */
    const struct node *root = document_parse(arena, &source, 256 * (size_t)DOCUMENT_BYTES, faults);
    assert((root == NULL) == (faults->count > 0));
    return root;
}

/* What we take, jansson takes, and for the same; it refuses some more, such as large numbers. */
static void compare_with_jansson(struct arena *arena, const char *text, size_t size,
                                 const struct node *root)
{
    if (memchr(text, 0, size))
        return; /* jansson takes some NUL behind a number; we take none */
    json_error_t error;
    const size_t flags = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES;
    CLEANUP(json_decref_at) json_t *theirs = json_loadb(text, size, flags, &error);
    if (!root || !theirs) {
        assert(!theirs || root || size > DOCUMENT_DEPTH); /* else no limit of ours is reached */
        return;
    }
    const char *json = node_json(arena, root);
    CLEANUP(json_decref_at) json_t *ours = json_loads(json, flags, &error);
    assert(ours && json_equal(ours, theirs));
}

static void read_all(struct arena *arena, const struct node *root)
{
    struct faults faults;
    struct contract contract;
    struct product product;
    struct access access;
    struct pipeline_document pipeline;
    faults_init(&faults, arena, 10);
    if (contract_read(arena, root, &contract, &faults)) {
        assert(contract.columns.count && *contract.sha256);
        contract_clear(&contract);
    }
    (void)product_read(arena, root, &product, &faults); /* either answer is right */
    (void)access_read(arena, root, &access, &faults);
    (void)pipeline_document_read(arena, root, NULL, &pipeline, &faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(65536);
    struct faults faults;
    bool is_json = size > 0 && data[0] == 'J';
    const char *text = (const char *)data + is_json;
    size_t length = size - is_json;
    const struct node *root =
        parse(arena, text, length, is_json ? DOCUMENT_JSON : DOCUMENT_YAML, &faults);
    if (is_json)
        compare_with_jansson(arena, text, length, root);
    if (!root)
        return 0;
    const char *json = node_json(arena, root);
    const char *yaml = document_to_yaml(arena, root);
    const struct node *of_json = parse(arena, json, strlen(json), DOCUMENT_JSON, &faults);
    const struct node *of_yaml = parse(arena, yaml, strlen(yaml), DOCUMENT_YAML, &faults);
    assert(of_json && node_equal(of_json, root));
    assert(of_yaml && node_equal(of_yaml, root));
    assert(strcmp(node_canonical_json(arena, of_json), node_canonical_json(arena, of_yaml)) == 0);
    read_all(arena, root);
    return 0;
}
