#include "version.h"

#include <string.h>

/* Read one number at *text and step over it. */
static bool number_parse(const char **text, int *out_number)
{
    size_t digits = strspn(*text, "0123456789");
    if (digits < 1 || digits > 6 || (digits > 1 && **text == '0'))
        return false;
    int number = 0;
    for (size_t i = 0; i < digits; i++)
        number = number * 10 + ((*text)[i] - '0');
    *text += digits;
    *out_number = number;
    return true;
}

bool version_parse(const char *text, struct version *out_version)
{
    struct version version;
    if (!number_parse(&text, &version.major) || *text++ != '.'
        || !number_parse(&text, &version.minor) || *text++ != '.'
        || !number_parse(&text, &version.patch) || *text)
        return false;
    *out_version = version;
    return true;
}

int version_compare(struct version left, struct version right)
{
    if (left.major != right.major)
        return left.major - right.major;
    if (left.minor != right.minor)
        return left.minor - right.minor;
    return left.patch - right.patch;
}
