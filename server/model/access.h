/*
 * Access rules: who may read or write which dataset, which columns stay hidden from them and which
 * rows they see. Read from access.yaml; a product without the file has no rules.
 *
 * A rule permits or forbids. Where rules permit something of a dataset, only what they permit is
 * allowed for that action; where none does, the document's default decides. A rule that forbids
 * wins over every other. Scopes of the token are checked before; rules only take away. Deciding is
 * pure: plain const data in an arena, any thread.
 */
#ifndef ENTREPOT_MODEL_ACCESS_H
#define ENTREPOT_MODEL_ACCESS_H

#include "document.h"

enum access_action { ACCESS_NOTHING, ACCESS_READ, ACCESS_WRITE };

struct access_rule {
    const char *name;
    bool forbids;
    const char *const *subjects; /* lists ended by NULL; all three empty: everybody */
    const char *const *roles;
    const char *const *scopes;
    const char *const *datasets; /* output.countries, output.*, input.*; * */
    bool reads;
    bool writes;
    const char *const *denied_columns; /* ended by NULL */
    const char *row_filter;            /* OData filter; NULL: all rows */
    const char *json;
    const struct node *node;
};

struct access {
    const struct access_rule *rules;
    size_t rule_count;
    bool permits_by_default;
    const char *json;   /* the document as JSON; {} where there is no file */
    const char *sha256; /* of its canonical JSON, 64 hexadecimal digits */
};

/**
 * Read access rules.
 *
 * Takes   root: a parsed document; NULL: there is no file, and the scope of a token is enough.
 * Gives   *out_access; what could be read of it also when it fails, for further checks only.
 * Fails   by false, with every fault of the document added.
 */
bool access_read(struct arena *arena, const struct node *root, struct access *out_access,
                 struct faults *faults);

/* Who asks; lists are ended by NULL and may be NULL. */
struct access_subject {
    const char *subject;
    const char *const *roles;
    const char *const *scopes; /* by name: output:read */
};

struct access_decision {
    bool allowed;
    const char *const *denied_columns; /* ended by NULL, sorted, each once */
    const char *const
        *row_filters; /* ended by NULL; a row is seen when ANY of them holds; none: all rows */
    const char *fingerprint; /* equal for those who see the same: part of ETags */
};

/**
 * Decide.
 *
 * Takes   dataset: with its layer, output.countries.
 * Gives   a decision whose lists live in arena.
 */
struct access_decision access_decide(const struct access *access, struct arena *arena,
                                     const struct access_subject *who, const char *dataset,
                                     enum access_action action);

#endif
