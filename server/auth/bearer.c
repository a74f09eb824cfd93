/* The Authorization and WWW-Authenticate fields, declared in verifier.h. */
#include "server/base/buffer.h"
#include "server/base/text.h"
#include "token.h"
#include "verifier.h"

#include <string.h>

#define BASIC_BYTES_HIGHEST ((TOKEN_BYTES_HIGHEST + 16) / 3 * 4)

static struct problem *malformed(struct arena *arena, const char *reason)
{
    struct problem *problem = problem_new(arena, &PROBLEM_UNAUTHENTICATED, "%s", reason);
    problem_add_text(arena, problem, "error", "invalid_request");
    problem_add_text(arena, problem, "error_description", reason);
    return problem;
}

/* What may stand in a token (RFC 6750 §2.1). A comma, as of two joined fields, may not. */
static bool is_token(const char *text)
{
    size_t size =
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/");
    size_t padding = strspn(text + size, "=");
    return size && !text[size + padding];
}

/* Plain base64 with its padding (RFC 4648 §4), strictly, by way of base64url. */
static const char *read_base64(struct arena *arena, const char *text)
{
    unsigned char *data;
    size_t data_size;
    size_t size = strlen(text);
    if (size % 4 || size > BASIC_BYTES_HIGHEST || strpbrk(text, "-_"))
        return NULL;
    char *url = arena_text(arena, text);
    for (int i = 0; i < 2 && size && url[size - 1] == '='; i++)
        url[--size] = '\0';
    for (char *c = url; *c; c++)
        *c = *c == '+' ? '-' : (char)(*c == '/' ? '_' : *c);
    if (!text_from_base64url(arena, url, size, &data, &data_size) || memchr(data, 0, data_size))
        return NULL;
    return (const char *)data;
}

static struct problem *read_basic(struct arena *arena, const char *credentials,
                                  const char **out_token)
{
    const char *pair = read_base64(arena, credentials);
    const char *colon = pair ? strchr(pair, ':') : NULL;
    if (!colon)
        return malformed(arena, "the Basic credentials are malformed");
    const char *user = arena_copy(arena, pair, (size_t)(colon - pair));
    if (*user && strcmp(user, "token") != 0)
        return malformed(arena, "Basic credentials are taken only with a token as the password and "
                                "the user name empty or \"token\"");
    if (!is_token(colon + 1))
        return malformed(arena, "the password of the Basic credentials is not a token");
    *out_token = colon + 1;
    return NULL;
}

/* Does the field begin with this scheme and a space? Gives what follows the spaces, or NULL. */
static const char *after_scheme(const char *field, const char *scheme)
{
    size_t size = strlen(scheme);
    if (strncasecmp(field, scheme, size) != 0 || field[size] != ' ')
        return NULL;
    return field + size + strspn(field + size, " ");
}

struct problem *bearer_token(struct arena *arena, const char *authorization, const char **out_token)
{
    if (!authorization)
        return problem_new(arena, &PROBLEM_UNAUTHENTICATED,
                           "a token is needed: Authorization: Bearer TOKEN");
    /* base64 has no comma, so one means a second field or a scheme with parameters */
    if (strchr(authorization, ','))
        return malformed(arena, "there must be one Authorization header field with one token");
    size_t size = strlen(authorization);
    while (size && (authorization[size - 1] == ' ' || authorization[size - 1] == '\t'))
        size--;
    const char *field = arena_copy(arena, authorization, size);
    const char *credentials = after_scheme(field, "Basic");
    if (credentials)
        return read_basic(arena, credentials, out_token);
    credentials = after_scheme(field, "Bearer");
    if (!credentials)
        return malformed(arena, "the Authorization header field must be: Bearer TOKEN");
    if (!is_token(credentials))
        return malformed(arena, "the bearer token has characters no token has, or is empty");
    *out_token = credentials;
    return NULL;
}

/* A quoted string of RFC 6750 §3 holds neither quotes, backslashes nor what is not ASCII. */
static void add_parameter(struct buffer *challenge, const char *name, const char *value)
{
    if (!value)
        return;
    buffer_print(challenge, ", %s=\"", name);
    for (const char *c = value; *c; c++) {
        if (*c == '"')
            buffer_add_char(challenge, '\'');
        else
            buffer_add_char(challenge, *c >= ' ' && *c <= '~' && *c != '\\' ? *c : '?');
    }
    buffer_add_char(challenge, '"');
}

const char *bearer_challenge(struct arena *arena, const struct problem *problem,
                             const char *resource_metadata_url)
{
    CLEANUP(buffer_clear) struct buffer challenge = { 0 };
    const char *error = problem_text(problem, "error");
    buffer_add_text(&challenge, "Bearer realm=\"entrepot\"");
    if (!error && problem->kind == &PROBLEM_FORBIDDEN)
        error = "insufficient_scope";
    add_parameter(&challenge, "error", error);
    add_parameter(&challenge, "error_description", problem_text(problem, "error_description"));
    add_parameter(&challenge, "scope", problem_text(problem, "scope"));
    add_parameter(&challenge, "resource_metadata", resource_metadata_url);
    return arena_copy(arena, challenge.data, challenge.size);
}
