/* Versions of contracts, products and pipelines: MAJOR.MINOR.PATCH, as semver.org has them. */
#ifndef ENTREPOT_MODEL_VERSION_H
#define ENTREPOT_MODEL_VERSION_H

#include <stdbool.h>

struct version {
    int major;
    int minor;
    int patch;
};

/** Read a version: three numbers of at most 6 digits without leading zeros. False when it is none.
 */
bool version_parse(const char *text, struct version *out_version);

/** Below, at or above zero as left is older than, equal to or newer than right. */
int version_compare(struct version left, struct version right);

#endif
