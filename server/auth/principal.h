/* Who asks: the claims of a verified token. Plain const data in the arena of a request. */
#ifndef ENTREPOT_AUTH_PRINCIPAL_H
#define ENTREPOT_AUTH_PRINCIPAL_H

#include <stdbool.h>
#include <stdint.h>

struct principal {
    const char *subject;      /* sub */
    const char *client;       /* client_id or azp; NULL when absent */
    const char *issuer;       /* iss */
    const char *token_id;     /* jti; NULL when absent */
    unsigned scopes;          /* bits of enum scope */
    int64_t expires_at;       /* exp, microseconds */
    const char *claims;       /* all claims as canonical JSON (sorted keys) */
    const char *const *roles; /* the claim `roles`, ended by NULL */
    uint64_t verdict; /* a number of its own in its loop's cache of tokens; 0: it was not there */
};

#endif
