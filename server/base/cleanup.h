/*
 * Release by scope, ownership by TAKE.
 *
 * Foreign handles (PGresult, json_t, EVP_MD_CTX, FILE, descriptors) are released when the variable
 * that owns them leaves its scope. CLEANUP_DEFINE makes the NULL-safe function for a pointer type;
 * CLEANUP marks the variable; TAKE moves ownership out of it. No thread rules: plain C.
 */
#ifndef ENTREPOT_BASE_CLEANUP_H
#define ENTREPOT_BASE_CLEANUP_H

#include <unistd.h>

#define CLEANUP(function) __attribute__((cleanup(function)))

/* Makes release_at(), for CLEANUP(release_at), out of release(). */
#define CLEANUP_DEFINE(type, release)                                                              \
    static inline void release##_at(type *handle)                                                  \
    {                                                                                              \
        if (*handle)                                                                               \
            release(*handle);                                                                      \
    }

/* Hand a foreign handle on: the variable forgets it, so its scope no longer releases it. */
#define TAKE(handle)                                                                               \
    __extension__({                                                                                \
        __typeof__(handle) taken_ = (handle);                                                      \
        (handle) = NULL;                                                                           \
        taken_;                                                                                    \
    })

#define MUST_USE __attribute__((warn_unused_result))
#define NEVER_NULL __attribute__((returns_nonnull))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Closes a descriptor when its variable leaves scope; -1 is none. */
static inline void close_at(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* nothing useful can be done about a failed close of a finished file */
}

#endif
