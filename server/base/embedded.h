/* Files that were made part of the program when it was built; see tools/embed.py. */
#ifndef ENTREPOT_BASE_EMBEDDED_H
#define ENTREPOT_BASE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
    const char *name; /* without folder; NULL ends a table */
    size_t size;      /* bytes of data, which has more behind them */
    const char *data;
};

#endif
