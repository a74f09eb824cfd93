#include "faults.h"
#include "server/model/product.h"

static struct arena *arena;

static void make_arena(void)
{
    arena = arena_new(65536);
}

static void drop_arena(void)
{
    arena_free(arena);
}

#define HEAD                                                                                       \
    "apiVersion: v1.0.0\n"                                                                         \
    "kind: DataProduct\n"                                                                          \
    "id: shop\n"                                                                                   \
    "version: 1.2.0\n"                                                                             \
    "status: draft\n"

static bool read_yaml(const char *yaml, struct product *out_product, struct faults *faults)
{
    faults_init(faults, arena, 20);
    return product_read(arena, yaml_node(arena, yaml), out_product, faults);
}

START_TEST(a_product_is_read)
{
    struct product product;
    struct faults faults;
    ck_assert(read_yaml(HEAD
                        "name: The shop\n"
                        "domain: sales\n"
                        "description: {purpose: To know what is sold}\n"
                        "inputPorts: [{name: orders, version: 1.0.0, contractId: shop.orders}]\n"
                        "outputPorts:\n"
                        "  - name: daily\n"
                        "    version: 2.0.1\n"
                        "    contractId: shop.daily\n"
                        "    description: By day\n"
                        "    inputContracts: [{id: shop.orders, version: 1.0.0}]\n"
                        "customProperties:\n"
                        "  - {property: entrepot.kind, value: source-aligned}\n"
                        "  - {property: entrepot.discovery, value: token}\n",
                        &product, &faults));
    ck_assert_str_eq(product.id, "shop");
    ck_assert_str_eq(product.name, "The shop");
    ck_assert_str_eq(product.version, "1.2.0");
    ck_assert_str_eq(product.domain, "sales");
    ck_assert_str_eq(product.description, "To know what is sold");
    ck_assert_int_eq(product.kind, PRODUCT_SOURCE_ALIGNED);
    ck_assert_str_eq(product_kind_name(product.kind), "source-aligned");
    ck_assert(!product.open_discovery);
    ck_assert_uint_eq(product.inputs.count, 1);
    const struct product_port *port = product_port_find(&product.outputs, "daily");
    ck_assert_ptr_nonnull(port);
    ck_assert_int_eq(port->number.major, 2);
    ck_assert_str_eq(port->contract_id, "shop.daily");
    ck_assert_str_eq(port->description, "By day");
    ck_assert_uint_eq(port->input_count, 1);
    ck_assert_str_eq(port->inputs[0].id, "shop.orders");
    ck_assert_ptr_null(product_port_find(&product.outputs, "orders"));
}
END_TEST

START_TEST(what_is_left_out_has_a_default)
{
    struct product product;
    struct faults faults;
    ck_assert(read_yaml(HEAD, &product, &faults));
    ck_assert_str_eq(product.name, "shop");
    ck_assert_str_eq(product.domain, "default");
    ck_assert_ptr_null(product.description);
    ck_assert_int_eq(product.kind, PRODUCT_AGGREGATE);
    ck_assert(product.open_discovery);
    ck_assert_uint_eq(product.inputs.count + product.outputs.count, 0);
}
END_TEST

static const struct {
    const char *yaml;
    const char *faults;
} wrong[] = {
    { "[]", "f:1: must be an object, not a list\n" },
    { "apiVersion: v1.1.0\nkind: DataContract\nid: a/b\nversion: v1\n",
      "f:1:/apiVersion: \"v1.1.0\" is not known here; allowed: v1.0.0 or v0.9.0\n"
      "f:1: a product needs the member status\n"
      "f:2:/kind: \"DataContract\" is not known here; allowed: DataProduct\n"
      "f:3:/id: an id is part of URLs: use 1 to 200 letters, digits, . _ ~ : and -\n"
      "f:4:/version: \"v1\" is no version; use MAJOR.MINOR.PATCH, such as 1.0.0\n" },
    { HEAD "type: aggregate\nowner: me\n", "f:6:/type: a product has no member of this name\n"
                                           "f:7:/owner: a product has no member of this name\n" },
    { HEAD "inputPorts:\n"
           "  - {name: Orders, version: 1.0, contractId: a}\n"
           "  - {name: orders, version: 1.0.0}\n"
           "  - {name: orders, version: 1.0.0, contractId: b}\n"
           "  - {name: orders, version: 2.0.0, contractId: c}\n"
           "outputPorts:\n"
           "  - {name: orders, version: 1.0.0}\n"
           "  - {version: '2', contractId: d, sbom: [{type: x}]}\n",
      "f:7:/inputPorts/0/version: must be text, not a number; write \"1.0\", with the quotes\n"
      "f:7:/inputPorts/0/name: \"Orders\" cannot be the name of a port: names begin with a small "
      "letter, have small letters, digits and _, and at most 48 of them\n"
      "f:8:/inputPorts/1: an input port needs the member contractId\n"
      "f:10:/inputPorts/3/name: a port named orders is there already, on line 9\n"
      "f:12:/outputPorts/0: the port orders needs the member contractId: the id of one of the "
      "contracts in contracts/\n"
      "f:13:/outputPorts/1/sbom/0: an entry of sbom needs the member url\n"
      "f:13:/outputPorts/1: an output port needs the member name\n"
      "f:13:/outputPorts/1/version: \"2\" is no version; use MAJOR.MINOR.PATCH, such as 1.0.0\n" },
    { HEAD "inputPorts: orders\noutputPorts: [orders]\n",
      "f:6:/inputPorts: must be a list, not text\n"
      "f:7:/outputPorts/0: must be an object, not text\n" },
    { HEAD "customProperties:\n"
           "  - {property: entrepot.kind, value: raw}\n"
           "  - {property: entrepot.discovery, value: true}\n"
           "  - {property: entrepot.mode, value: append}\n",
      "f:7:/customProperties/0/value: entrepot.kind \"raw\" is not supported; supported: "
      "source-aligned, aggregate or consumer-aligned\n"
      "f:8:/customProperties/1/value: entrepot.discovery must be text: open or token\n"
      "f:9:/customProperties/2/property: \"entrepot.mode\" is not known here; known: entrepot.kind "
      "or entrepot.discovery\n" },
    { HEAD "team: {members: [{username: a, dateIn: 20.11.2026}]}\n"
           "support: [{channel: a, url: b c}]\n"
           "managementPorts: [{name: a}]\n"
           "productCreatedTs: 2026-11-20T25:00:00Z\n",
      "f:6:/team/members/0/dateIn: must be a date, such as 2026-11-20\n"
      "f:7:/support/0/url: must be a URI with its scheme, such as https://example.org/x\n"
      "f:8:/managementPorts/0: a management port needs the member content\n"
      "f:9:/productCreatedTs: must be a date and time, such as 2026-11-20T17:31:04Z\n" },
};

START_TEST(a_wrong_product_is_refused_with_every_reason)
{
    struct product product;
    struct faults faults;
    ck_assert(!read_yaml(wrong[_i].yaml, &product, &faults));
    ck_assert_str_eq(faults_text(arena, &faults), wrong[_i].faults);
}
END_TEST

static const struct test_case cases[] = {
    TEST(a_product_is_read),
    TEST(what_is_left_out_has_a_default),
    TEST_EACH(a_wrong_product_is_refused_with_every_reason, wrong),
};

int main(void)
{
    return test_run_with("product", cases, COUNT(cases), make_arena, drop_arena);
}
