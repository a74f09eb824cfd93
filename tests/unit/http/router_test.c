#include "server/http/route.h"
#include "tests/unit/test.h"

static const struct route a_routes[] = {
    { GET, "/", SCOPE_PUBLIC, READ, 0, NULL, "root" },
    { GET, "/discovery/datasets", SCOPE_DISCOVERY, READ, 0, NULL, "list" },
    { GET, "/discovery/datasets/{name}", SCOPE_DISCOVERY, READ, 0, NULL, "one" },
    { PUT, "/discovery/datasets/{name}", SCOPE_CONTROL_WRITE, WORK, 0, NULL, "put" },
    { GET, "/discovery/datasets/latest", SCOPE_DISCOVERY, READ, 0, NULL, "latest" },
    { GET, "/odata/", SCOPE_OUTPUT_READ, READ, 0, NULL, "service root" },
};
static const struct route b_routes[] = {
    { POST, "/input/{dataset}", SCOPE_INPUT_WRITE, WORK, ROUTE_DELIVERY, NULL, "deliver" },
    { GET, "/input/{dataset}/deliveries/{n}", SCOPE_INPUT_READ, READ, 0, NULL, "delivery" },
    { GET, "/{anything}/x/{n}", SCOPE_INPUT_READ, READ, 0, NULL, "late literal" },
    { DELETE, "/input/x/{n}", SCOPE_INPUT_WRITE, WORK, 0, NULL, "early literal" },
};
static const struct route_set a = { "discovery", a_routes, COUNT(a_routes) };
static const struct route_set b = { "input", b_routes, COUNT(b_routes) };
static const struct route_set *const sets[] = { &a, &b, NULL };

static const struct {
    enum method method;
    const char *path;
    const char *pattern; /* NULL: refused */
    const char *first;   /* parameters */
    const char *second;
    int status;
    const char *allow;
} paths[] = {
    { GET, "/", "/", NULL, NULL, 0, NULL },
    { HEAD, "/", "/", NULL, NULL, 0, NULL },
    { GET, "/discovery/datasets", "/discovery/datasets", NULL, NULL, 0, NULL },
    { GET, "/discovery/datasets/orders", "/discovery/datasets/{name}", "orders", NULL, 0, NULL },
    { PUT, "/discovery/datasets/orders", "/discovery/datasets/{name}", "orders", NULL, 0, NULL },
    { GET, "/discovery/datasets/latest", "/discovery/datasets/latest", NULL, NULL, 0, NULL },
    { GET, "/discovery/data%73ets/x", "/discovery/datasets/{name}", "x", NULL, 0, NULL },
    { GET, "/discovery/datasets/a%2Fb", "/discovery/datasets/{name}", "a/b", NULL, 0, NULL },
    { GET, "/discovery/datasets/%c3%A9t%C3%a9", "/discovery/datasets/{name}", "été", NULL, 0,
      NULL },
    { GET, "/discovery/datasets/été", "/discovery/datasets/{name}", "été", NULL, 0, NULL },
    { GET, "/discovery/datasets/a+b", "/discovery/datasets/{name}", "a+b", NULL, 0, NULL },
    { GET, "/discovery/datasets/..", "/discovery/datasets/{name}", "..", NULL, 0, NULL },
    { GET, "/odata/", "/odata/", NULL, NULL, 0, NULL },
    { POST, "/input/orders", "/input/{dataset}", "orders", NULL, 0, NULL },
    { GET, "/input/orders/deliveries/7", "/input/{dataset}/deliveries/{n}", "orders", "7", 0,
      NULL },
    { DELETE, "/input/x/1", "/input/x/{n}", "1", NULL, 0, NULL },
    { GET, "/other/x/1", "/{anything}/x/{n}", "other", "1", 0, NULL },

    { GET, "/discovery/datasets/orders/x", NULL, NULL, NULL, 404, NULL },
    { GET, "/discovery/datasets/", NULL, NULL, NULL, 404, NULL },
    { GET, "/discovery//datasets", NULL, NULL, NULL, 404, NULL },
    { GET, "//", NULL, NULL, NULL, 404, NULL },
    { GET, "/discovery/data", NULL, NULL, NULL, 404, NULL },
    { GET, "/discovery/datasets2", NULL, NULL, NULL, 404, NULL },
    { GET, "/odata", NULL, NULL, NULL, 404, NULL },
    { GET, "/DISCOVERY/datasets", NULL, NULL, NULL, 404, NULL },
    { GET, "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s", NULL, NULL, NULL, 404, NULL },
    { METHOD_NONE, "/nowhere", NULL, NULL, NULL, 404, NULL },

    { PUT, "/", NULL, NULL, NULL, 405, "GET, HEAD, OPTIONS" },
    { METHOD_NONE, "/", NULL, NULL, NULL, 405, "GET, HEAD, OPTIONS" },
    { OPTIONS, "/", NULL, NULL, NULL, 405, "GET, HEAD, OPTIONS" },
    { POST, "/discovery/datasets/orders", NULL, NULL, NULL, 405, "GET, HEAD, PUT, OPTIONS" },
    { PUT, "/discovery/datasets/latest", NULL, NULL, NULL, 405, "GET, HEAD, OPTIONS" },
    { GET, "/input/orders", NULL, NULL, NULL, 405, "POST, OPTIONS" },
    { GET, "/input/x/1", NULL, NULL, NULL, 405, "DELETE, OPTIONS" },

    { GET, "/discovery/%", NULL, NULL, NULL, 400, NULL },
    { GET, "/discovery/%2", NULL, NULL, NULL, 400, NULL },
    { GET, "/discovery/%2/x", NULL, NULL, NULL, 400, NULL },
    { GET, "/discovery/%zz", NULL, NULL, NULL, 400, NULL },
    { GET, "/discovery/datasets%00", NULL, NULL, NULL, 400, NULL },
    { GET, "/discovery/datasets/%ff", NULL, NULL, NULL, 400, NULL },
    { GET, "/discovery/datasets/\xff", NULL, NULL, NULL, 400, NULL },
    { GET, "/discovery/datasets/%c0%af", NULL, NULL, NULL, 400, NULL },
    { GET, "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/%", NULL, NULL, NULL, 400, NULL },
};

START_TEST(a_path_finds_its_route)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    const struct route *route = NULL;
    const char *const *parameters = NULL;
    struct problem *problem =
        router_find(arena, sets, paths[_i].method, paths[_i].path, &route, &parameters);
    ck_assert_int_eq(problem ? problem->kind->status : 0, paths[_i].status);
    ck_assert_pstr_eq(problem ? problem_text(problem, "allow") : NULL, paths[_i].allow);
    ck_assert_pstr_eq(route ? route->path : NULL, paths[_i].pattern);
    if (problem)
        return;
    ck_assert_ptr_nonnull(parameters);
    ck_assert_pstr_eq(parameters[0], paths[_i].first);
    if (paths[_i].first)
        ck_assert_pstr_eq(parameters[1], paths[_i].second);
    if (paths[_i].second)
        ck_assert_ptr_null(parameters[2]);
}
END_TEST

static const struct route_set c = { .port = "odata", .root = "/odata" };
static const struct route_set *const homes[] = { &a, &c, &b, NULL };
static const struct {
    const char *path;
    const struct route_set *home;
} at_home[] = {
    { "/odata", &c },      { "/odata/", &c }, { "/odata/x/y", &c }, { "/odata?x=/", &c },
    { "/odatas/x", NULL }, { "/odat", NULL }, { "/x/odata", NULL }, { "/", NULL },
    { "", NULL },          { NULL, NULL },    { "/input/x", NULL }, { "*", NULL },
};

START_TEST(a_path_below_a_root_belongs_to_its_port)
{
    ck_assert_ptr_eq(router_home(homes, at_home[_i].path), at_home[_i].home);
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(a_path_below_a_root_belongs_to_its_port, at_home),
    TEST_EACH(a_path_finds_its_route, paths),
};
TEST_MAIN("router", cases)
