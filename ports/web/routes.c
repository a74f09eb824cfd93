#include "routes.h"

#include "server/server.h"
#include "web_files.h"

#include <string.h>

/* Our own script and style only; nobody may frame the page. */
#define POLICY                                                                                     \
    "default-src 'none'; connect-src 'self'; script-src 'self'; style-src 'unsafe-inline'; "       \
    "base-uri 'none'; frame-ancestors 'none'"

static struct problem *answer(struct request *rq, struct reply *rp, const char *name,
                              const char *media_type)
{
    const struct embedded_file *file = web_files;
    while (strcmp(file->name, name) != 0)
        file++;
    reply_header(rp, "Cache-Control", "no-cache");
    reply_header(rp, "Content-Security-Policy", POLICY);
    if (reply_not_modified(rq, rp, arena_print(rq->arena, "%s-%zu", ENTREPOT_VERSION, file->size)))
        return NULL;
    return reply_text(rq, rp, 200, media_type, file->data, file->size);
}

static struct problem *get_page(struct request *rq, struct reply *rp)
{
    const char *base = request_base_url(rq);
    reply_header(rp, "Link", "<%s/.well-known/api-catalog>; rel=\"api-catalog\"", base);
    reply_header(rp, "Link", "<%s/discovery/product>; rel=\"service-meta\"", base);
    reply_header(rp, "Link", "<%s/discovery/openapi.json>; rel=\"service-desc\"", base);
    return answer(rq, rp, "page.html", "text/html; charset=utf-8");
}

static struct problem *get_script(struct request *rq, struct reply *rp)
{
    return answer(rq, rp, "page.js", "text/javascript; charset=utf-8");
}

static const struct route routes[] = {
    { GET, "/", SCOPE_PUBLIC, READ, 0, get_page, "The page for people", "text/html", NULL },
    { GET, "/page.js", SCOPE_PUBLIC, READ, 0, get_script, "The page's script", "text/javascript",
      NULL },
};
const struct route_set web_routes = { "web", routes, COUNT(routes) };
