/*
 * A contract: what one dataset promises, read from a Bitol ODCS v3.1.0 document.
 *
 * The document is checked to the published schema and to what this server can keep: one schema
 * object, column names and types it knows, rules that fit their type. What ODCS has no place for is
 * in customProperties: `entrepot.mode` append|replace|upsert, `entrepot.badRows` reject, and
 * `entrepot.volume`. Plain const data in the caller's arena, but for the patterns of its columns
 * and rules: contract_clear releases those. Any thread may read.
 */
#ifndef ENTREPOT_MODEL_CONTRACT_H
#define ENTREPOT_MODEL_CONTRACT_H

#include "column.h"
#include "document.h"
#include "quality_rule.h"
#include "version.h"

/* What the current state of an input dataset is made of. */
enum contract_mode {
    CONTRACT_NO_MODE,
    CONTRACT_APPEND,  /* all rows of all deliveries */
    CONTRACT_REPLACE, /* the rows of the last delivery; the default */
    CONTRACT_UPSERT   /* the last row of each key */
};

struct contract {
    const char *file;    /* NULL outside folders */
    const char *id;      /* letters, digits, . _ ~ : and -: safe in a URL */
    const char *version; /* MAJOR.MINOR.PATCH */
    struct version number;
    const char *name; /* of the contract; NULL where it has none */
    const char *status;
    const char *dataset;     /* name of the dataset: schema[0].name */
    const char *title;       /* of the dataset for people; its name where the document has none */
    const char *description; /* of the dataset, or of the contract; NULL where there is none */
    struct columns columns;
    struct columns key; /* the primary key in its order; count 0: none */
    enum contract_mode mode;
    struct quality_rules rules;
    const char *json;   /* the document as JSON, members in written order */
    const char *sha256; /* of its canonical JSON, 64 hexadecimal digits */
    int64_t line;       /* of the schema object, for messages */
};

/**
 * Read a contract.
 *
 * Takes   root: a parsed document, of YAML or JSON.
 * Gives   *out_contract, whose texts live in arena and in the document's; contract_clear it.
 * Fails   by false, with every fault of the document added.
 */
bool contract_read(struct arena *arena, const struct node *root, struct contract *out_contract,
                   struct faults *faults) MUST_USE;

/** Parse and read in one go, for a stored document. */
bool contract_parse(struct arena *arena, const struct document_text *source,
                    struct contract *out_contract, struct faults *faults) MUST_USE;

/** Release what is not in the arena; NULL-safe, and once is enough. */
void contract_clear(struct contract *contract);

/** append, replace or upsert. */
const char *contract_mode_name(enum contract_mode mode);

enum contract_use { CONTRACT_OF_INPUT, CONTRACT_OF_OUTPUT };

/**
 * Would a new version break those who use the old one? Asked within one major version; a new major
 * may change everything. Readers of an output rely on its columns, their types, on what is never
 * null and on the key. Writers of an input rely on what was accepted staying accepted.
 *
 * Gives   true when nothing breaks; otherwise every break is a fault, a sentence each.
 */
bool contract_compare(const struct contract *old_contract, const struct contract *new_contract,
                      enum contract_use use, struct faults *faults);

#endif
