#include "share.h"

#include "listing.h"
#include "server/base/digest.h"
#include "server/base/text.h"

#include <string.h>

const char *share_name(struct request *rq)
{
    return server_catalogue(rq)->product.id;
}

struct problem *share_check(struct request *rq)
{
    const char *asked = request_path(rq, 0);
    if (!server_catalogue(rq)->has_product || !text_equal_caseless(asked, share_name(rq)))
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND, "there is no share %s", asked);
    return NULL;
}

struct problem *share_check_schema(struct request *rq)
{
    TRY(share_check(rq));
    if (!text_equal_caseless(request_path(rq, 1), SHARE_SCHEMA))
        return problem_new(rq->arena, &PROBLEM_NOT_FOUND,
                           "there is no schema %s in the share; its only one is " SHARE_SCHEMA,
                           request_path(rq, 1));
    return NULL;
}

const char *share_uuid(struct request *rq, const char *what)
{
    const char *source = arena_print(rq->arena, "%s\n%s", share_name(rq), what);
    unsigned char sum[DIGEST_BYTES];
    digest_sha256(source, strlen(source), sum);
    sum[6] = (unsigned char)((sum[6] & 0x0f) | 0x80); /* version 8: made by rules of our own */
    sum[8] = (unsigned char)((sum[8] & 0x3f) | 0x80);
    char hex[2 * 16 + 1];
    text_hex(sum, 16, hex);
    return arena_print(rq->arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
                       hex + 20);
}

static json_t *share_json(struct request *rq)
{
    return json_pack("{s:s, s:s}", "name", share_name(rq), "id", share_uuid(rq, "share"));
}

struct problem *share_list(struct request *rq, struct reply *rp)
{
    if (!server_catalogue(rq)->has_product)
        return listing_reply(rq, rp, NULL, 0);
    struct listing_item item = { share_name(rq), share_json(rq) };
    return listing_reply(rq, rp, &item, 1);
}

struct problem *share_get(struct request *rq, struct reply *rp)
{
    TRY(share_check(rq));
    reply_header(rp, "Cache-Control", "private, no-cache");
    return reply_json(rq, rp, 200, json_pack("{s:o}", "share", share_json(rq)));
}

struct problem *share_schemas(struct request *rq, struct reply *rp)
{
    TRY(share_check(rq));
    struct listing_item item = { SHARE_SCHEMA, json_pack("{s:s, s:s}", "name", SHARE_SCHEMA,
                                                         "share", share_name(rq)) };
    return listing_reply(rq, rp, &item, 1);
}
