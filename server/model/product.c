#include "product.h"

#include "custom.h"
#include "odps.h"
#include "shape.h"

#include "server/base/digest.h"
#include "server/base/text.h"

#include <assert.h>
#include <string.h>

static const char *const kinds[] = { "source-aligned", "aggregate", "consumer-aligned", NULL };

const char *product_kind_name(enum product_kind kind)
{
    assert(kind != PRODUCT_NO_KIND);
    return kinds[kind - 1];
}

const struct product_port *product_port_find(const struct product_ports *ports, const char *name)
{
    for (size_t i = 0; i < ports->count; i++)
        if (strcmp(ports->list[i].name, name) == 0)
            return &ports->list[i];
    return NULL;
}

static void read_identity(const struct node *root, struct product *product, struct faults *faults)
{
    static const char *const known[] = { "entrepot.kind", "entrepot.discovery", NULL };
    static const char *const discovery[] = { "open", "token", NULL };
    struct version number;
    product->id = node_text(root, "id");
    product->name = node_text(root, "name") ? node_text(root, "name") : product->id;
    product->version = node_text(root, "version");
    product->status = node_text(root, "status");
    product->domain = node_text(root, "domain") ? node_text(root, "domain") : "default";
    product->description = node_text(node_member(root, "description"), "purpose");
    if (product->id && !shape_is_id(product->id))
        node_fault(faults, node_member(root, "id"),
                   "an id is part of URLs: use 1 to 200 letters, digits, . _ ~ : and -");
    if (!node_member(root, "version"))
        node_fault(faults, root, "a product needs the member version, such as 1.0.0");
    if (product->version && !version_parse(product->version, &number))
        node_fault(faults, node_member(root, "version"),
                   "\"%s\" is no version; use MAJOR.MINOR.PATCH, such as 1.0.0", product->version);
    custom_check(root, known, faults);
    int kind = custom_choice(root, "entrepot.kind", kinds, faults);
    product->kind = kind >= 0 ? (enum product_kind)(kind + 1) : PRODUCT_AGGREGATE;
    product->open_discovery = custom_choice(root, "entrepot.discovery", discovery, faults) != 1;
}

static void read_dependencies(struct arena *arena, const struct node *list,
                              struct product_port *port)
{
    if (!list || list->kind != NODE_LIST)
        return;
    struct product_dependency *inputs =
        arena_array_of(arena, struct product_dependency, list->count);
    for (const struct node *entry = list->first; entry; entry = entry->next)
        inputs[port->input_count++] =
            (struct product_dependency){ node_text(entry, "id"), node_text(entry, "version") };
    port->inputs = inputs;
}

/* False where the shape has told that what a port needs is not there. */
static bool read_port(struct arena *arena, const struct node *node, bool is_output,
                      struct product_port *port, struct faults *faults)
{
    *port = (struct product_port){
        .node = node,
        .name = node_text(node, "name"),
        .version = node_text(node, "version"),
        .contract_id = node_text(node, "contractId"),
        .description = node_text(node, "description"),
    };
    if (port->name && !text_is_name(port->name))
        node_fault(faults, node_member(node, "name"),
                   "\"%s\" cannot be the name of a port: names begin with a small letter, have "
                   "small letters, digits and _, and at most 48 of them",
                   port->name);
    if (port->version && !version_parse(port->version, &port->number))
        node_fault(faults, node_member(node, "version"),
                   "\"%s\" is no version; use MAJOR.MINOR.PATCH, such as 1.0.0", port->version);
    if (port->name && is_output && !node_member(node, "contractId"))
        node_fault(faults, node,
                   "the port %s needs the member contractId: the id of one of the contracts in "
                   "contracts/",
                   port->name);
    read_dependencies(arena, node_member(node, "inputContracts"), port);
    return port->name && port->version && port->contract_id;
}

static void read_ports(struct arena *arena, const struct node *list, bool are_outputs,
                       struct product_ports *ports, struct faults *faults)
{
    if (!list || list->kind != NODE_LIST)
        return;
    struct product_port *all = arena_array_of(arena, struct product_port, list->count);
    ports->list = all;
    for (const struct node *node = list->first; node; node = node->next) {
        if (!read_port(arena, node, are_outputs, &all[ports->count], faults))
            continue;
        const struct product_port *same = product_port_find(ports, all[ports->count].name);
        if (same)
            node_fault(faults, node_member(node, "name"),
                       "a port named %s is there already, on line %lld", same->name,
                       (long long)same->node->line);
        ports->count++;
    }
}

bool product_read(struct arena *arena, const struct node *root, struct product *out_product,
                  struct faults *faults)
{
    int before = faults->count;
    struct product product = { 0 };
    *out_product = product;
    /* meaning is looked at even where the shape is wrong, so that all faults are told at once */
    if (!odps_check(root, faults) && root->kind != NODE_OBJECT)
        return false;
    read_identity(root, &product, faults);
    read_ports(arena, node_member(root, "inputPorts"), false, &product.inputs, faults);
    read_ports(arena, node_member(root, "outputPorts"), true, &product.outputs, faults);
    *out_product = product;
    if (faults->count != before)
        return false;
    const char *canonical = node_canonical_json(arena, root);
    product.json = node_json(arena, root);
    product.sha256 = digest_sha256_hex(arena, canonical, strlen(canonical));
    *out_product = product;
    return true;
}
