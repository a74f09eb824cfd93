#include "claims.h"

#include "server/base/text.h"
#include "server/http/scope.h"
#include "strict_json.h"

#include <stdlib.h>
#include <string.h>

#define SECOND_US INT64_C(1000000)
#define SECOND_MS INT64_C(1000)
/* Integers that every reader of JSON sees alike (RFC 8259 §6). */
#define WHOLE_HIGHEST (INT64_C(1) << 53)
#define NO_TIME (-1)

CLEANUP_DEFINE(void *, free)

/* typ may leave out "application/" and has no case (RFC 9068 §2.1, RFC 7515 §4.1.9). */
static bool is_type(const char *type, const char *wanted)
{
    static const char prefix[] = "application/";
    if (strncasecmp(type, prefix, strlen(prefix)) == 0)
        type += strlen(prefix);
    return text_equal_caseless(type, wanted);
}

static struct problem *check_type(struct arena *arena, const struct claim_rules *rules,
                                  const char *type)
{
    if (type && is_type(type, "at+jwt"))
        return NULL;
    if (rules->only_access_tokens)
        return token_refused(arena, "the typ of the token must be at+jwt (RFC 9068)");
    if (type && !is_type(type, "JWT"))
        return token_refused(arena, "the typ of the token must be at+jwt, JWT or absent");
    return NULL;
}

/* A NumericDate in seconds; NO_TIME when absent. */
static struct problem *read_time(struct arena *arena, const json_t *claims, const char *name,
                                 int64_t *out_seconds)
{
    const json_t *claim = json_object_get(claims, name);
    int64_t seconds = claim ? json_integer_value(claim) : NO_TIME;
    if (claim && (!json_is_integer(claim) || seconds < 0 || seconds >= WHOLE_HIGHEST))
        return token_refused(arena, "%s must be whole seconds since 1970, from 0 to 2^53 - 1",
                             name);
    *out_seconds = seconds;
    return NULL;
}

/* All comparisons are in whole seconds: exp × 1,000,000 may not fit, and exp > now is the same. */
static struct problem *check_times(struct arena *arena, const struct claim_rules *rules,
                                   const json_t *claims, int64_t now_at, int64_t *out_from,
                                   int64_t *out_until)
{
    int64_t now = now_at / SECOND_US;
    int64_t now_ahead = (now_at + rules->leeway_ms * SECOND_MS) / SECOND_US;
    int64_t exp = NO_TIME;
    int64_t nbf = NO_TIME;
    int64_t iat = NO_TIME;
    TRY(read_time(arena, claims, "exp", &exp));
    TRY(read_time(arena, claims, "nbf", &nbf));
    TRY(read_time(arena, claims, "iat", &iat));
    if (exp == NO_TIME)
        return token_refused(arena, "the token has no exp; tokens must expire");
    if (exp <= now)
        return token_refused(arena, "the token has expired");
    if (nbf > now_ahead)
        return token_refused(arena, "the token is not valid yet (nbf)");
    if (iat > now_ahead)
        return token_refused(arena, "the token was made in the future (iat)");
    if (exp - (iat == NO_TIME ? now : iat) > rules->lifetime_ms / SECOND_MS)
        return token_refused(arena, "the token is valid for longer than %lld s, the most accepted",
                             (long long)(rules->lifetime_ms / SECOND_MS));
    /* small enough now: exp is at most a lifetime away, nbf and iat are past */
    int64_t from = nbf > iat ? nbf : iat;
    *out_from = from == NO_TIME ? INT64_MIN : from * SECOND_US - rules->leeway_ms * SECOND_MS;
    *out_until = exp * SECOND_US;
    return NULL;
}

static bool names_audience(const json_t *aud, const char *audience)
{
    if (json_is_string(aud))
        return strcmp(json_string_value(aud), audience) == 0;
    if (!json_is_array(aud))
        return false;
    bool found = false;
    size_t i;
    const json_t *one;
    json_array_foreach(aud, i, one)
    {
        if (!json_is_string(one))
            return false;
        found = found || strcmp(json_string_value(one), audience) == 0;
    }
    return found;
}

static struct problem *check_parties(struct arena *arena, const struct claim_rules *rules,
                                     const json_t *claims)
{
    const json_t *iss = json_object_get(claims, "iss");
    if (!json_is_string(iss) || strcmp(json_string_value(iss), rules->issuer) != 0)
        return token_refused(arena, "the token is of another issuer (iss)");
    if (!names_audience(json_object_get(claims, "aud"), rules->audience))
        return token_refused(arena, "the token is for another audience (aud)");
    return NULL;
}

static struct problem *read_text(struct arena *arena, const json_t *claims, const char *name,
                                 const char **out_text)
{
    if (!strict_json_text(arena, claims, name, out_text))
        return token_refused(arena, "%s must be text", name);
    return NULL;
}

/* A claim that lists names: an array of text, or one text, parted at the separators if any. */
static struct problem *read_names(struct arena *arena, const json_t *claims, const char *name,
                                  const char *separators, const char *const **out_names)
{
    const json_t *claim = json_object_get(claims, name);
    if (json_is_string(claim)) {
        char **words = text_split(arena, json_string_value(claim), separators);
        *out_names = (const char *const *)words;
        return NULL;
    }
    if (claim && !json_is_array(claim))
        return token_refused(arena, "%s must be text or an array of text", name);
    const char **names = arena_array_of(arena, const char *, json_array_size(claim) + 1);
    size_t i;
    const json_t *one;
    json_array_foreach(claim, i, one)
    {
        if (!json_is_string(one))
            return token_refused(arena, "%s must be text or an array of text", name);
        names[i] = arena_text(arena, json_string_value(one));
    }
    *out_names = names;
    return NULL;
}

/* Names not known here are left out: a token may speak to several services. */
static struct problem *read_scopes(struct arena *arena, const json_t *claims, unsigned *out_scopes)
{
    const char *const *names = (const char *const[]){ NULL };
    const char *claim = json_object_get(claims, "scope") ? "scope" : "scp";
    TRY(read_names(arena, claims, claim, " ", &names));
    unsigned scopes = 0;
    for (; *names; names++)
        scopes |= (unsigned)scope_by_name(*names);
    *out_scopes = scopes;
    return NULL;
}

static struct problem *read_principal(struct arena *arena, const json_t *claims,
                                      struct principal *principal)
{
    TRY(read_text(arena, claims, "sub", &principal->subject));
    if (!principal->subject || !*principal->subject)
        return token_refused(arena, "the token has no sub");
    TRY(read_text(arena, claims, "jti", &principal->token_id));
    TRY(read_text(arena, claims, "client_id", &principal->client));
    if (!principal->client)
        TRY(read_text(arena, claims, "azp", &principal->client));
    TRY(read_scopes(arena, claims, &principal->scopes));
    TRY(read_names(arena, claims, "roles", "", &principal->roles));
    CLEANUP(free_at) void *text = json_dumps(claims, JSON_COMPACT | JSON_SORT_KEYS);
    if (!text)
        return problem_new(arena, &PROBLEM_INTERNAL, "the claims could not be written");
    principal->claims = arena_text(arena, text);
    return NULL;
}

struct problem *claims_read(struct arena *arena, const struct claim_rules *rules,
                            const struct token *token, int64_t now_at, struct verdict *out_verdict)
{
    struct verdict verdict = { 0 };
    struct principal *principal = arena_new_of(arena, struct principal);
    unsigned char *payload;
    size_t size;
    const char *why;
    if (!text_from_base64url(arena, token->payload, token->payload_size, &payload, &size))
        return token_refused(arena, "the token is not base64url without padding");
    CLEANUP(json_decref_at)
    json_t *claims = strict_json_object((const char *)payload, size, &why);
    if (!claims)
        return token_refused(arena, "the payload of the token %s", why);
    TRY(check_type(arena, rules, token->type));
    TRY(check_parties(arena, rules, claims));
    TRY(check_times(arena, rules, claims, now_at, &verdict.valid_from, &principal->expires_at));
    principal->issuer = rules->issuer;
    TRY(read_principal(arena, claims, principal));
    /* a token bound to a key of its sender (RFC 7800) must not work for whoever holds it */
    if (json_object_get(claims, "cnf"))
        return token_refused(arena, "the token is bound to a key (cnf), which is not supported");
    verdict.principal = principal;
    *out_verdict = verdict;
    return NULL;
}
