/* Text as it comes from outside: UTF-8, and base64url, which must have one form only. */
#include "fuzz.h"
#include "server/base/text.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    (void)text_is_utf8((const char *)data, size); /* either answer is right */
    unsigned char *bytes;
    size_t count;
    if (text_from_base64url(arena, (const char *)data, size, &bytes, &count)) {
        const char *again = text_base64url(arena, bytes, count);
        assert(strlen(again) == size && memcmp(again, data, size) == 0);
    }
    return 0;
}
