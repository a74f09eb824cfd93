/*
 * A document: the text of a YAML or JSON file, or of a request body, read into a tree of nodes.
 *
 * YAML is read by the YAML 1.2 core rules, so that a file means one thing only: true and false are
 * the booleans (yes and on are text), dates are text, what is quoted is text. Anchors and aliases
 * may be used as long as the document with all of them written out stays within its limits.
 * Refused: a member twice in one object, tags other than !!str, merge keys, a second document in
 * one text, NUL, .inf and .nan. Trees live in the caller's arena; any thread may call.
 */
#ifndef ENTREPOT_MODEL_DOCUMENT_H
#define ENTREPOT_MODEL_DOCUMENT_H

#include "node.h"

#define DOCUMENT_DEPTH 64      /* lists and objects inside each other */
#define DOCUMENT_NODES 200000  /* values, with aliases written out */
#define DOCUMENT_BYTES 1048576 /* the usual limit of size */

enum document_format { DOCUMENT_YAML, DOCUMENT_JSON };

struct document_text {
    const char *file; /* name for messages; NULL outside folders */
    const char *text;
    size_t size;
    enum document_format format;
};

/**
 * Read a text into a tree.
 *
 * Takes   size_limit: bytes of the text, and of all its values with aliases written out.
 * Gives   the root.
 * Fails   by NULL with one or more faults, each with file, line and column where known.
 */
const struct node *document_parse(struct arena *arena, const struct document_text *source,
                                  size_t size_limit, struct faults *faults);

/**
 * Write a tree as YAML in block style: long text as literal blocks, text that other readers could
 * take for something else in quotes. Reading it again gives an equal tree.
 */
const char *document_to_yaml(struct arena *arena, const struct node *root);

/** Write a JSON text as YAML; it must be valid JSON of ours, such as node_json or jansson wrote. */
struct problem *document_yaml_of_json(struct arena *arena, const char *json, size_t size,
                                      const char **out_yaml) MUST_USE;

#endif
