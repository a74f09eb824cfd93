/*
 * issuer.json in the data directory: what tokens of this server must say of issuer and audience.
 *
 * `serve` writes it, `token` reads it, so that a token can be minted without the folder.
 */
#ifndef ENTREPOT_ISSUER_FILE_H
#define ENTREPOT_ISSUER_FILE_H

#include "server/base/problem.h"

struct issuer {
    const char *issuer;
    const char *audience;
};

/** Write it, whole or not at all. Fails PROBLEM_START. */
struct problem *issuer_file_write(struct arena *arena, const char *data_dir,
                                  const struct issuer *issuer) MUST_USE;

/** Fails PROBLEM_START: not there (the folder was never served), or not understood. */
struct problem *issuer_file_read(struct arena *arena, const char *data_dir,
                                 struct issuer *out_issuer) MUST_USE;

#endif
