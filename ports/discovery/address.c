#include "address.h"

#include "server/base/text.h"
#include "server/http/route.h"

#include <string.h>

/* Put a name where its place is. */
static const char *filled(struct arena *arena, const char *path, const char *place,
                          const char *name)
{
    const char *at = strstr(path, place);
    if (!at)
        return path;
    return arena_join(arena, arena_copy(arena, path, (size_t)(at - path)),
                      text_percent_encode(arena, name), at + strlen(place));
}

const char *address_url(struct request *rq, const char *path, const struct catalogue_datum *datum)
{
    if (datum) {
        path = filled(rq->arena, path, "{product}", server_catalogue(rq)->product.id);
        path = filled(rq->arena, path, "{dataset}", datum->name);
    }
    return arena_join(rq->arena, request_base_url(rq), path);
}

json_t *address_list(struct request *rq, const struct catalogue_datum *datum)
{
    const struct route_set *const *sets = server_of(rq)->routes;
    json_t *list = json_array();
    int failures = list ? 0 : 1;
    for (size_t i = 0; sets[i]; i++) {
        const struct route_service *service = sets[i]->service;
        if (service)
            failures +=
                json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "protocol", sets[i]->port,
                                                      "title", service->title, "href",
                                                      address_url(rq, service->dataset, datum)))
                != 0;
    }
    if (!failures)
        return list;
    json_decref(list);
    return NULL;
}
