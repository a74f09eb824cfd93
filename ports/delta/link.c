#include "link.h"

#include "server/auth/principal.h"
#include "server/base/clock.h"
#include "server/base/digest.h"
#include "server/base/text.h"
#include "server/rows/selection.h"

#include <string.h>

#define LIFETIME_S 3600
#define SECOND_US INT64_C(1000000)

static const char *sign(struct request *rq, const char *snapshot, const char *expires)
{
    static const char purpose[] = "delta sharing links"; /* tokens of pages have the same secret */
    const struct server *server = server_of(rq);
    const char *what = arena_print(rq->arena, "%s\n%s", snapshot, expires);
    unsigned char key[DIGEST_BYTES];
    unsigned char sum[DIGEST_BYTES];
    digest_hmac(server->token_key, server->token_key_size, purpose, sizeof purpose - 1, key);
    digest_hmac(key, sizeof key, what, strlen(what), sum);
    return text_base64url(rq->arena, sum, sizeof sum);
}

const char *link_make(struct request *rq, const struct catalogue_snapshot *snapshot,
                      int64_t *out_expires_at)
{
    int64_t expires = clock_now() / SECOND_US + LIFETIME_S;
    if (rq->principal && rq->principal->expires_at / SECOND_US < expires)
        expires = rq->principal->expires_at / SECOND_US;
    const char *id = arena_print(rq->arena, "%lld", (long long)snapshot->id);
    const char *until = arena_print(rq->arena, "%lld", (long long)expires);
    *out_expires_at = expires * SECOND_US;
    return arena_print(rq->arena, "%s/delta-sharing/files/%s?expires=%s&signature=%s",
                       request_base_url(rq), id, until, sign(rq, id, until));
}

static struct problem *check(struct request *rq, const char *id, int64_t *out_seconds)
{
    const char *expires = request_option(rq, "expires");
    const char *signature = request_option(rq, "signature");
    int64_t until;
    const char *right = sign(rq, id, expires ? expires : "");
    if (!expires || !signature || strlen(signature) != strlen(right)
        || !text_equal_secret(signature, right, strlen(right)) || !text_to_int64(expires, &until))
        return problem_new(rq->arena, &PROBLEM_FORBIDDEN,
                           "the link is not signed by this server; ask for the table to get one");
    *out_seconds = until - clock_now() / SECOND_US;
    if (*out_seconds <= 0)
        return problem_new(rq->arena, &PROBLEM_FORBIDDEN,
                           "the link has expired; ask for the table to get another");
    return NULL;
}

static const struct catalogue_snapshot *find(const struct catalogue *catalogue, int64_t id,
                                             const struct catalogue_datum **out_datum)
{
    for (size_t i = 0; i < catalogue->datum_count; i++)
        for (size_t j = 0; j < catalogue->datums[i].snapshot_count; j++)
            if (catalogue->datums[i].snapshots[j].id == id) {
                *out_datum = &catalogue->datums[i];
                return &catalogue->datums[i].snapshots[j];
            }
    return NULL;
}

struct problem *link_read(struct request *rq, const struct catalogue_datum **out_datum,
                          const struct catalogue_snapshot **out_snapshot, int64_t *out_seconds)
{
    const char *id = request_path(rq, 0);
    int64_t number;
    TRY(check(rq, id, out_seconds));
    const struct catalogue_snapshot *snapshot =
        text_to_int64(id, &number) ? find(server_catalogue(rq), number, out_datum) : NULL;
    if (!snapshot || (*out_datum)->retired)
        return problem_new(rq->arena, &PROBLEM_SNAPSHOT_RETIRED, "the version is retired");
    return selection_snapshot(rq, *out_datum, snapshot->number, out_snapshot);
}
