/*
 * What the fuzz targets of the intake share. However bytes are cut into pieces, the same must come
 * of them; and rows that were taken in must come out and go in again as they are.
 */
#ifndef ENTREPOT_TESTS_FUZZ_INTAKE_FUZZ_H
#define ENTREPOT_TESTS_FUZZ_INTAKE_FUZZ_H

#include "fuzz.h"
#include "server/formats/intake.h"

/** Take bytes in, whole and in pieces (of 1 to 256 bytes), and compare. */
void intake_fuzz(enum intake_format format, const char *pointer, size_t piece, const char *data,
                 size_t size);

#endif
