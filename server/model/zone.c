#include "zone.h"

#include <string.h>

static const struct zone_change no_change = { INT64_MIN, 0 };
const struct zone zone_utc = { &no_change, 1 };

bool zone_is_name(const char *text)
{
    size_t size =
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/");
    if (strcmp(text, "UTC") == 0)
        return true;
    /* short names such as EST are offsets that never change, which is hardly ever meant */
    const char *slash = strchr(text, '/');
    return !text[size] && size <= 64 && slash && slash != text && slash[1];
}

size_t zone_find(const struct zone *zone, int64_t at)
{
    size_t low = 0;
    size_t high = zone->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (zone->changes[middle].at <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}
