/* Minting tokens, declared in verifier.h: the only file that knows libjwt (tests aside). */
#include "server/base/clock.h"
#include "server/base/digest.h"
#include "server/base/text.h"
#include "server/http/scope.h"
#include "strict_json.h"
#include "token_key.h"
#include "verifier.h"

#include <jwt.h>
#include <stdlib.h>
#include <string.h>

CLEANUP_DEFINE(jwt_t *, jwt_free)
CLEANUP_DEFINE(void *, free)

#define LIFETIME_HIGHEST_MS (INT64_C(366) * 86400 * 1000)
#define TOKEN_ID_BYTES 16

static const char *known_scopes(struct arena *arena)
{
    const char *list = "";
    for (unsigned bit = 1; bit; bit <<= 1) {
        const char *name = scope_name((enum scope)bit);
        if (*name)
            list = arena_print(arena, "%s%s%s", list, *list ? ", " : "", name);
    }
    return list;
}

static struct problem *check_wish(struct arena *arena, const struct token_wish *wish)
{
    if (!wish->issuer || !*wish->issuer || !wish->audience || !*wish->audience)
        return problem_new(arena, &PROBLEM_START, "a token needs an issuer and an audience");
    if (!wish->subject || !*wish->subject)
        return problem_new(arena, &PROBLEM_START, "a token needs a subject: --subject NAME");
    if (wish->lifetime_ms < 1000 || wish->lifetime_ms > LIFETIME_HIGHEST_MS)
        return problem_new(arena, &PROBLEM_START, "a token must be valid for 1 second to 366 days");
    for (char **word = text_split(arena, wish->scope ? wish->scope : "", " "); *word; word++)
        if (scope_by_name(*word) == SCOPE_REFUSED)
            return problem_new(arena, &PROBLEM_START, "there is no scope \"%s\"; there are %s",
                               *word, known_scopes(arena));
    return NULL;
}

static json_t *roles_of(const struct token_wish *wish)
{
    json_t *roles = json_array();
    for (size_t i = 0; wish->roles && wish->roles[i]; i++)
        if (json_array_append_new(roles, json_string(wish->roles[i])) != 0) {
            json_decref(roles);
            return NULL; /* a role that is not UTF-8 */
        }
    return roles;
}

/* The claims RFC 9068 §2.2 asks for, as JSON text. */
static struct problem *claims_of(struct arena *arena, const struct token_wish *wish,
                                 const char **out_claims)
{
    unsigned char id[TOKEN_ID_BYTES];
    digest_random(id, sizeof id);
    json_int_t now = clock_now() / 1000000;
    CLEANUP(json_decref_at)
    json_t *claims =
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:s}", "iss", wish->issuer, "aud",
                  wish->audience, "sub", wish->subject, "client_id", "entrepot", "iat", now, "exp",
                  now + wish->lifetime_ms / 1000, "jti", text_base64url(arena, id, sizeof id),
                  "scope", wish->scope ? wish->scope : "");
    if (claims && wish->roles && json_object_set_new(claims, "roles", roles_of(wish)) != 0)
        return problem_new(arena, &PROBLEM_START, "the roles of the token must be UTF-8");
    CLEANUP(free_at) void *text = claims ? json_dumps(claims, JSON_COMPACT) : NULL;
    if (!text)
        return problem_new(arena, &PROBLEM_START,
                           "issuer, audience and subject of the token must be UTF-8");
    *out_claims = arena_text(arena, text);
    return NULL;
}

struct problem *token_mint(struct arena *arena, const char *data_dir, const struct token_wish *wish,
                           const char **out_token)
{
    CLEANUP(token_key_clear) struct token_key key = { 0 };
    const char *claims = NULL;
    jwt_t *made = NULL;
    TRY(check_wish(arena, wish));
    TRY(claims_of(arena, wish, &claims));
    TRY(token_key_read(arena, data_dir, &key));
    if (jwt_new(&made) != 0)
        return problem_new(arena, &PROBLEM_START, "libjwt has no memory");
    CLEANUP(jwt_free_at) jwt_t *jwt = made;
    CLEANUP(free_at) void *text = NULL;
    /* its header says typ JWT: this libjwt writes no other, whatever is asked for */
    if (jwt_add_header(jwt, "kid", key.kid) == 0 && jwt_add_grants_json(jwt, claims) == 0
        && jwt_set_alg(jwt, JWT_ALG_ES256, (const unsigned char *)key.pem, (int)key.pem_size) == 0)
        text = jwt_encode_str(jwt);
    if (!text)
        return problem_new(arena, &PROBLEM_START, "libjwt could not sign the token");
    *out_token = arena_text(arena, text);
    return NULL;
}
