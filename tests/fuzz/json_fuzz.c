/* JSON and NDJSON of deliveries; the first byte chooses between them and the JSON pointer, the
 * second is the size of the pieces it comes in. */
#include "intake_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const pointers[] = { NULL, "/a", "/a/1", "/" };
    if (size < 2)
        return 0;
    const char *body = (const char *)data + 2;
    if (data[0] == 'l')
        intake_fuzz(INTAKE_NDJSON, NULL, data[1] + 1U, body, size - 2);
    else
        intake_fuzz(INTAKE_JSON, pointers[data[0] % COUNT(pointers)], data[1] + 1U, body, size - 2);
    return 0;
}
