#include "profile.h"

#include "server/auth/principal.h"
#include "server/auth/verifier.h"
#include "server/server.h"
#include "share.h"

struct problem *profile_get(struct request *rq, struct reply *rp)
{
    const char *token;
    TRY(bearer_token(rq->arena, request_header(rq, "Authorization"), &token));
    reply_header(rp, "Cache-Control", "no-store"); /* it holds a secret */
    if (server_catalogue(rq)->has_product)
        reply_header(rp, "Content-Disposition", "attachment; filename=\"%s.share\"",
                     share_name(rq));
    return reply_json(
        rq, rp, 200,
        json_pack("{s:i, s:s, s:s, s:o}", "shareCredentialsVersion", 1, "endpoint",
                  arena_print(rq->arena, "%s/delta-sharing", request_base_url(rq)), "bearerToken",
                  token, "expirationTime",
                  server_json_time(rq, rq->principal ? rq->principal->expires_at : 0)));
}
