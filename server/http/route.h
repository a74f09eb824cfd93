/*
 * Routes are data: dispatch, scopes, limits, 405 Allow, metrics labels, the OpenAPI document and
 * the tests that walk every route all read these rows.
 *
 * A path is literal segments and {parameters}, each one whole segment. A literal wins over a
 * parameter. HEAD is answered wherever GET is; OPTIONS everywhere.
 */
#ifndef ENTREPOT_HTTP_ROUTE_H
#define ENTREPOT_HTTP_ROUTE_H

#include "scope.h"
#include "server/base/problem.h"

enum method { METHOD_NONE, GET, HEAD, POST, PUT, DELETE, OPTIONS, METHOD_COUNT };

/* READ: on the loop; must not wait. WORK: on a worker with a connection of its own. */
enum lane_name { NO_LANE, READ, WORK };

enum route_flags {
    ROUTE_BODY_NONE = 0, /* a body is refused with 413 */
    ROUTE_DOCUMENT = 1,  /* a body up to max-document */
    ROUTE_DELIVERY = 2,  /* a body up to max-body, streamed */
    ROUTE_MAY_PARK = 4,  /* the handler may wait for an event */
    ROUTE_STREAMS = 8,   /* answers may be of any length: in the WORK lane, for its own workers */
    ROUTE_FILE = 32,     /* answers are files, also in parts (reply_file) */
    ROUTE_BASIC = 16,    /* its clients know user and password: they are challenged for Basic too */
};

struct request;
struct reply;

struct route {
    enum method method;
    const char *path;
    enum scope scope;
    enum lane_name lane;
    unsigned flags;
    struct problem *(*handle)(struct request *rq, struct reply *rp);
    const char *summary; /* one line, for the OpenAPI document */
    /* for the OpenAPI document; NULL where there is nothing to say */
    const char *media_types; /* of 2xx answers, parted by spaces; NULL is application/json */
    const char *options;     /* query options, parted by spaces */
};

/* A document that tells of a service, by its relation to it (RFC 8631). */
struct route_link {
    const char *relation; /* service-desc, service-meta */
    const char *path;
    const char *media_type;
};

/* What crawlers are told of a port that gives out datasets. */
struct route_service {
    const char *title;
    const char *entry;   /* the path that clients of its protocol begin at; NULL: a dataset's */
    const char *dataset; /* the path of an output dataset; {product} and {dataset} are names */
    const struct route_link *links; /* of the entry */
    size_t link_count;
};

struct route_set {
    const char *port; /* input, output, discovery, control, observability */
    const struct route *list;
    size_t count;
    /*
     * For a port that is asked most, or that speaks a protocol of its own. Every path at or below
     * root is its alone, also one that no route has: only its routes are looked through, and what
     * is refused there, by whatever room, is written in its dialect.
     */
    const char *root; /* without a slash at its end; NULL: the port has none */
    const struct problem_dialect *problems; /* NULL: RFC 9457 */
    /* sets the header fields every answer below root has, refusals too; NULL: none */
    void (*begin_reply)(struct request *rq, struct reply *rp);
    const struct route_service *service; /* NULL: it gives out no datasets */
};

/**
 * Find the route of a method and path.
 *
 * Takes   path: decoded segments are compared, so it is the raw path as received.
 * Gives   *out_route; the parameters, percent-decoded, in arena, ended by NULL.
 * Fails   PROBLEM_NOT_FOUND; PROBLEM_METHOD_NOT_ALLOWED with member allow; PROBLEM_BAD_REQUEST for
 * a path that is not well-formed (bad percent-encoding, %00, not UTF-8).
 */
struct problem *router_find(struct arena *arena, const struct route_set *const *sets,
                            enum method method, const char *path, const struct route **out_route,
                            const char *const **out_parameters) MUST_USE;

/** The set whose root a path is at or below, as it was sent; NULL: none. Takes path: may be NULL.
 */
const struct route_set *router_home(const struct route_set *const *sets, const char *path);

#endif
