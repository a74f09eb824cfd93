/*
 * What a fuzz target is: one function that takes any bytes and must come back.
 *
 * libFuzzer calls it with bytes it makes up, replay.c with the files of the target's corpus. It
 * must not keep state between calls, so that a file alone reproduces a crash.
 */
#ifndef ENTREPOT_TESTS_FUZZ_FUZZ_H
#define ENTREPOT_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/** Gives 0. The name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
