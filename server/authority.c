#include "authority.h"

#include "server.h"
#include "server/auth/verifier.h"
#include "server/base/clock.h"

#include <stdlib.h>

#define CACHED_TOKENS 4096

struct authority {
    struct token_cache *tokens;
    struct tags *tags;
};

void *authority_open(void *server)
{
    (void)server;
    struct authority *authority = calloc(1, sizeof *authority);
    if (!authority)
        abort();
    authority->tokens = token_cache_new(CACHED_TOKENS);
    authority->tags = tags_new();
    return authority;
}

void authority_close(void *loop)
{
    struct authority *authority = loop;
    token_cache_free(authority->tokens);
    tags_free(authority->tags);
    free(authority);
}

struct tags *authority_tags(const struct request *rq)
{
    const struct authority *authority = rq->loop;
    return authority->tags;
}

const char *authority_subject(const struct request *rq)
{
    return rq->principal ? rq->principal->subject : NULL;
}

static struct problem *verify(struct request *rq)
{
    const struct authority *authority = rq->loop;
    return token_cache_authorize(authority->tokens, server_of(rq)->verifier, rq->arena,
                                 request_header(rq, "Authorization"), clock_now(), &rq->principal);
}

static struct problem *check(struct request *rq)
{
    enum scope scope = rq->route->scope;
    if (scope == SCOPE_PUBLIC)
        return NULL;
    if (scope == SCOPE_DISCOVERY && server_catalogue(rq)->product.open_discovery
        && !request_header(rq, "Authorization"))
        return NULL;
    TRY(verify(rq));
    if (scope == SCOPE_DISCOVERY || (scope != SCOPE_REFUSED && (rq->principal->scopes & scope)))
        return NULL;
    struct problem *problem =
        problem_new(rq->arena, &PROBLEM_FORBIDDEN, "the token lacks the scope %s",
                    scope == SCOPE_REFUSED ? "of this route" : scope_name(scope));
    problem_add_text(rq->arena, problem, "error", "insufficient_scope");
    problem_add_text(rq->arena, problem, "scope", scope_name(scope));
    return problem;
}

struct problem *authority_check(struct request *rq, struct reply *rp)
{
    struct problem *problem = check(rq);
    if (problem
        && (problem->kind == &PROBLEM_UNAUTHENTICATED || problem->kind == &PROBLEM_FORBIDDEN))
        reply_header(
            rp, "WWW-Authenticate", "%s",
            bearer_challenge(rq->arena, problem,
                             arena_print(rq->arena, "%s/.well-known/oauth-protected-resource",
                                         request_base_url(rq))));
    /* many a client sends a password only when it was asked for one; the token is the password */
    if (problem && problem->kind == &PROBLEM_UNAUTHENTICATED && (rq->route->flags & ROUTE_BASIC))
        reply_header(rp, "WWW-Authenticate", "Basic realm=\"entrepot\", charset=\"UTF-8\"");
    return problem;
}
