#include "server.h"

#include "server/auth/principal.h"
#include "server/base/clock.h"
#include "server/base/digest.h"
#include "server/base/text.h"

#include <string.h>

const struct server *server_of(const struct request *rq)
{
    return rq->server;
}

static void release_catalogue(void *value)
{
    catalogue_release(value);
}

const struct catalogue *server_catalogue(struct request *rq)
{
    if (!rq->catalogue) {
        const struct catalogue *catalogue = catalogue_acquire(server_of(rq)->catalogue);
        request_at_end(rq, release_catalogue, (void *)(uintptr_t)catalogue);
        rq->catalogue = catalogue;
    }
    return rq->catalogue;
}

struct problem *server_refresh(struct request *rq)
{
    bool changed;
    return catalogue_refresh(server_of(rq)->catalogue, rq->db, rq->arena, &changed);
}

const char *server_etag(struct request *rq, const char *name)
{
    const char *base = request_base_url(rq);
    return arena_print(rq->arena, "%s-%lld-%.12s", name, (long long)server_catalogue(rq)->revision,
                       digest_sha256_hex(rq->arena, base, strlen(base)));
}

const char *server_subject(const struct request *rq)
{
    return rq->principal && rq->principal->subject ? rq->principal->subject : "anonymous";
}

static const char *const *scope_names(struct request *rq)
{
    const char **names = arena_array_of(rq->arena, const char *, 33);
    size_t count = 0;
    for (unsigned bit = 0; rq->principal && bit < 32; bit++)
        if (rq->principal->scopes & (1U << bit))
            names[count++] = scope_name((enum scope)(1U << bit));
    return names;
}

struct problem *server_dataset(struct request *rq, enum contract_use use, const char *name,
                               enum access_action action, const struct catalogue_datum **out_datum,
                               struct access_decision *out_decision)
{
    const struct catalogue *catalogue = server_catalogue(rq);
    const struct catalogue_datum *datum = catalogue_datum(catalogue, use, name);
    if (!datum)
        return problem_new(rq->arena, &PROBLEM_DATASET_UNKNOWN,
                           "there is no %s dataset %s; /discovery/datasets lists them",
                           use == CONTRACT_OF_INPUT ? "input" : "output", name);
    const struct access_subject who = { server_subject(rq),
                                        rq->principal ? rq->principal->roles : NULL,
                                        scope_names(rq) };
    struct access_decision decision =
        access_decide(&catalogue->access, rq->arena, &who,
                      arena_join(rq->arena, catalogue_layer(datum), ".", datum->name), action);
    if (!decision.allowed) {
        struct problem *problem = problem_new(
            rq->arena, &PROBLEM_FORBIDDEN, "the access rules of this product do not let %s %s %s",
            server_subject(rq), action == ACCESS_WRITE ? "write to" : "read", name);
        problem_add_text(rq->arena, problem, "error", "insufficient_scope");
        return problem;
    }
    *out_datum = datum;
    *out_decision = decision;
    return NULL;
}

struct problem *server_number_option(struct request *rq, const char *name, int64_t lowest,
                                     int64_t highest, int64_t missing, int64_t *out_value)
{
    const char *text = request_query_option(rq, name);
    int64_t value = missing;
    if (text && (!text_to_int64(text, &value) || value < lowest || value > highest)) {
        struct problem *problem =
            problem_new(rq->arena, &PROBLEM_BAD_QUERY, "%s must be a number from %lld to %lld",
                        name, (long long)lowest, (long long)highest);
        problem_add_text(rq->arena, problem, "option", name);
        return problem;
    }
    *out_value = value;
    return NULL;
}

struct problem *server_known_options(struct request *rq, const char *const *known)
{
    size_t count;
    const struct request_option *options = request_options(rq, &count);
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (known[k] && strcmp(known[k], options[i].name) != 0)
            k++;
        if (!known[k]) {
            struct problem *problem =
                problem_new(rq->arena, &PROBLEM_BAD_QUERY, "unknown option %s", options[i].name);
            problem_add_text(rq->arena, problem, "option", options[i].name);
            return problem;
        }
    }
    return NULL;
}

json_t *server_json_time(struct request *rq, int64_t at)
{
    return at ? json_string(clock_text(rq->arena, at)) : json_null();
}
