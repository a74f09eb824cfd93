/* CSV of deliveries; the first byte is the size of the pieces it comes in. */
#include "intake_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size)
        intake_fuzz(INTAKE_CSV, NULL, data[0] + 1U, (const char *)data + 1, size - 1);
    return 0;
}
