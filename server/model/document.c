#include "document.h"

#include "scalar.h"
#include "yaml_reader.h"

#include "server/base/text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CLEANUP_DEFINE(json_t *, json_decref)

/* The fewest digits that read back as the same number: 0.1 and not 0.10000000000000001. */
static const char *real_text(struct arena *arena, double value)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, value); /* 17 digits always fit */
        if (strtod(text, NULL) == value)
            break;
    }
    return arena_text(arena, text);
}

/* Fill node and all below it from a JSON value. False when it is too deep. */
static bool fill(struct arena *arena, const json_t *json, struct node *node, int depth)
{
    if (depth > DOCUMENT_DEPTH)
        return false;
    const struct node **end = &node->first;
    switch (json_typeof(json)) {
    case JSON_OBJECT: {
        node->kind = NODE_OBJECT;
        const char *key;
        json_t *value;
        json_object_foreach((json_t *)json, key, value)
        {
            struct node *child = arena_new_of(arena, struct node);
            child->key = arena_text(arena, key);
            node_append(node, &end, child);
            if (!fill(arena, value, child, depth + 1))
                return false;
        }
        return true;
    }
    case JSON_ARRAY: {
        node->kind = NODE_LIST;
        size_t index;
        json_t *value;
        json_array_foreach(json, index, value)
        {
            struct node *child = arena_new_of(arena, struct node);
            node_append(node, &end, child);
            if (!fill(arena, value, child, depth + 1))
                return false;
        }
        return true;
    }
    case JSON_STRING:
        node->kind = NODE_TEXT;
        node->text = arena_text(arena, json_string_value(json));
        return true;
    case JSON_INTEGER:
        node->kind = NODE_NUMBER;
        node->text = arena_print(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
        return true;
    case JSON_REAL:
        node->kind = NODE_NUMBER;
        node->text = real_text(arena, json_real_value(json));
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        node->kind = NODE_BOOL;
        node->truth = json_is_true(json);
        return true;
    case JSON_NULL:
        node->kind = NODE_NULL;
        return true;
    }
    return false;
}

static const struct node *read_json(struct arena *arena, const struct document_text *source,
                                    struct faults *faults)
{
    json_error_t error;
    CLEANUP(json_decref_at)
    json_t *json =
        json_loadb(source->text, source->size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!json) {
        faults_add_at(faults, source->file, error.line > 0 ? error.line : 0,
                      error.column > 0 ? error.column : 0, NULL, "broken JSON: %s", error.text);
        return NULL;
    }
    struct node *root = arena_new_of(arena, struct node);
    root->file = source->file;
    if (!fill(arena, json, root, 0)) {
        faults_add(faults, source->file, 0, NULL,
                   "lists and objects may be %d deep inside each other", DOCUMENT_DEPTH);
        return NULL;
    }
    return root;
}

const struct node *document_parse(struct arena *arena, const struct document_text *source,
                                  size_t size_limit, struct faults *faults)
{
    struct document_text text = *source;
    if (text.size >= 3 && memcmp(text.text, "\xEF\xBB\xBF", 3) == 0) { /* a byte order mark */
        text.text += 3;
        text.size -= 3;
    }
    if (text.size > size_limit) {
        faults_add(faults, text.file, 0, NULL, "it has %zu bytes; at most %zu are read", text.size,
                   size_limit);
        return NULL;
    }
    if (!text_is_utf8(text.text, text.size) || memchr(text.text, 0, text.size)) {
        faults_add(faults, text.file, 0, NULL, "it is no text: it must be UTF-8 without NUL bytes");
        return NULL;
    }
    return text.format == DOCUMENT_JSON ? read_json(arena, &text, faults)
                                        : document_read_yaml(arena, &text, size_limit, faults);
}

struct problem *document_yaml_of_json(struct arena *arena, const char *json, size_t size,
                                      const char **out_yaml)
{
    struct faults faults;
    faults_init(&faults, arena, 1);
    const struct document_text source = { NULL, json, size, DOCUMENT_JSON };
    const struct node *root = document_parse(arena, &source, size, &faults);
    if (!root)
        return problem_because(
            arena,
            problem_new(arena, &PROBLEM_INTERNAL, "a document of the server is not valid JSON"),
            "%s", faults.first->reason);
    *out_yaml = document_to_yaml(arena, root);
    return NULL;
}
