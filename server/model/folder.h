/*
 * A folder: the files that are the product, read and checked as one.
 *
 *     product.odps.yaml            the descriptor (ODPS)
 *     contracts/<name>.odcs.yaml   one contract per dataset (ODCS)
 *     pipelines/<name>.yaml        pipelines, with .sql files beside them
 *     access.yaml                  access rules; may be missing
 *     sources.yaml                 where data is pulled from; must be empty or missing
 *
 * folder_check works on texts in memory, folder_read fetches them from disk. Both report every
 * fault of every file, sorted by file and line. Plain const data in the caller's arena, but for the
 * contracts' patterns: folder_clear releases those. Any thread may read.
 */
#ifndef ENTREPOT_MODEL_FOLDER_H
#define ENTREPOT_MODEL_FOLDER_H

#include "access.h"
#include "contract.h"
#include "pipeline_document.h"
#include "product.h"

struct folder_limits {
    size_t file_bytes;  /* of one file */
    size_t total_bytes; /* of all that are read */
    size_t files;       /* that are read */
};
extern const struct folder_limits folder_limits_usual;

struct folder_file {
    const char *name; /* from the folder's top: contracts/orders.odcs.yaml */
    const char *text;
    size_t size;
};

struct folder_files {
    const struct folder_file *list;
    size_t count;
};

/* A port, the contract it names, and the layer its dataset is in. */
struct folder_dataset {
    enum contract_use use;
    const struct product_port *port;
    const struct contract *contract;
};

struct folder {
    const char *path; /* NULL where it was never on disk */
    struct folder_files files;
    struct product product;
    const struct contract *contracts;
    size_t contract_count;
    const struct folder_dataset *datasets; /* inputs, then outputs, as the product lists them */
    size_t dataset_count;
    const struct pipeline_document *pipelines; /* sorted by name */
    size_t pipeline_count;
    struct access access;
};

/**
 * Check the files of a folder.
 *
 * Takes   files: what folder_read would have found, in any order.
 * Gives   *out_folder, to be cleared; warnings (never NULL) about files that are not read, given
 *         also when the check fails.
 * Fails   PROBLEM_INVALID_DOCUMENT with every fault of every file.
 */
struct problem *folder_check(struct arena *arena, const struct folder_files *files,
                             struct faults *warnings, struct folder *out_folder) MUST_USE;

/**
 * Read a folder from disk and check it. Files whose names begin with a dot are not looked at; links
 * that lead out of the folder, files that are too large or no text are faults.
 *
 * Fails   PROBLEM_START when the folder is missing, no folder, or holds no product.odps.yaml.
 *         PROBLEM_INVALID_DOCUMENT with every fault of every file.
 */
struct problem *folder_read(struct arena *arena, const char *path,
                            const struct folder_limits *limits, struct faults *warnings,
                            struct folder *out_folder) MUST_USE;

/** Release what is not in the arena; NULL-safe, and once is enough. */
void folder_clear(struct folder *folder);

/** The dataset of a name in a layer, or NULL. */
const struct folder_dataset *folder_dataset_find(const struct folder *folder, enum contract_use use,
                                                 const char *name);

/** The files folder_init writes, in at most room places, for tests. Gives how many there are. */
size_t folder_template(struct arena *arena, struct folder_file *out_files, size_t room);

/**
 * Write a small commented product into a folder, which is made if it is missing.
 *
 * Fails   PROBLEM_START when the folder holds anything, or cannot be written.
 */
struct problem *folder_init(struct arena *arena, const char *path) MUST_USE;

#endif
