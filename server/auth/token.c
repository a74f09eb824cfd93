#include "token.h"

#include "server/base/text.h"
#include "strict_json.h"

#include <string.h>

struct problem *token_refused(struct arena *arena, const char *reason, ...)
{
    va_list arguments;
    va_start(arguments, reason);
    const char *sentence = arena_vprint(arena, reason, arguments);
    va_end(arguments);
    struct problem *problem = problem_new(arena, &PROBLEM_UNAUTHENTICATED, "%s", sentence);
    problem_add_text(arena, problem, "error", "invalid_token");
    problem_add_text(arena, problem, "error_description", sentence);
    return problem;
}

static struct problem *read_header(struct arena *arena, const char *text, size_t size,
                                   struct token *token)
{
    const char *why;
    CLEANUP(json_decref_at) json_t *header = strict_json_object(text, size, &why);
    if (!header)
        return token_refused(arena, "the header of the token %s", why);
    if (!strict_json_text(arena, header, "alg", &token->algorithm) || !token->algorithm)
        return token_refused(arena, "the header of the token has no alg");
    if (!strict_json_text(arena, header, "kid", &token->key_id))
        return token_refused(arena, "kid in the header of the token is no text");
    if (!strict_json_text(arena, header, "typ", &token->type))
        return token_refused(arena, "typ in the header of the token is no text");
    /* crit lists what a verifier must understand; nothing listable is understood here */
    if (json_object_get(header, "crit"))
        return token_refused(arena, "the header of the token has crit, which is not supported");
    return NULL;
}

struct problem *token_read(struct arena *arena, const char *text, struct token *out_token)
{
    struct token token = { .signed_text = text };
    size_t size = strnlen(text, TOKEN_BYTES_HIGHEST + 1);
    if (size > TOKEN_BYTES_HIGHEST)
        return token_refused(arena, "the token is larger than %zu bytes", TOKEN_BYTES_HIGHEST);
    const char *first = memchr(text, '.', size);
    const char *second = first ? strchr(first + 1, '.') : NULL;
    if (!second || strchr(second + 1, '.'))
        return token_refused(arena, "the token is not three parts joined by dots (a signed JWT)");
    token.payload = first + 1;
    token.payload_size = (size_t)(second - token.payload);
    token.signed_size = (size_t)(second - text);
    unsigned char *header;
    unsigned char *signature;
    size_t header_size;
    if (!text_from_base64url(arena, text, (size_t)(first - text), &header, &header_size)
        || !text_from_base64url(arena, second + 1, strlen(second + 1), &signature,
                                &token.signature_size))
        return token_refused(arena, "the token is not base64url without padding");
    token.signature = signature;
    TRY(read_header(arena, (const char *)header, header_size, &token));
    *out_token = token;
    return NULL;
}
