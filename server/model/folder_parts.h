/* What the folder*.c files share: a folder while it is being checked. */
#ifndef ENTREPOT_MODEL_FOLDER_PARTS_H
#define ENTREPOT_MODEL_FOLDER_PARTS_H

#include "folder.h"

/* A contract file; contract is of use only when it is right. */
struct folder_contract {
    const struct node *root; /* NULL where the text could not be read */
    struct contract contract;
    bool right;
    bool used; /* a port names it */
};

struct folder_parts {
    struct arena *arena;
    struct faults *faults;
    struct faults *warnings;
    const struct node *product_root; /* NULL where there is none or it cannot be read */
    struct product product;          /* as far as it could be read; so the pipelines and access */
    struct folder_contract *contracts;
    size_t contract_count;
    struct pipeline_document *pipelines;
    size_t pipeline_count;
    struct access access;
    struct folder_dataset *datasets; /* those whose contract is right */
    size_t dataset_count;
};

/** Is a file of this name, from the folder's top, one that is read? */
bool folder_reads(const char *name);

/** Check what the documents say about each other, and fill datasets. */
void folder_cross_check(struct folder_parts *parts);

/**
 * Check files whose reading may already have added faults; a file that could not be read has no
 * text.
 *
 * Fails   as folder_check does.
 */
struct problem *folder_check_files(struct arena *arena, const struct folder_files *files,
                                   struct faults *faults, struct faults *warnings,
                                   struct folder *out_folder) MUST_USE;

#endif
