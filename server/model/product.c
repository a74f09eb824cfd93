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
    const struct node *id = node_member(root, "id");
    const struct node *version = node_member(root, "version");
    struct version number;
    product->id = id->text;
    product->name = node_text(root, "name") ? node_text(root, "name") : id->text;
    product->status = node_text(root, "status");
    product->domain = node_text(root, "domain") ? node_text(root, "domain") : "default";
    product->description = node_text(node_member(root, "description"), "purpose");
    if (!shape_is_id(id->text))
        node_fault(faults, id,
                   "an id is part of URLs: use 1 to 200 letters, digits, . _ ~ : and -");
    if (!version)
        node_fault(faults, root, "a product needs the member version, such as 1.0.0");
    else if (!version_parse(version->text, &number))
        node_fault(faults, version, "\"%s\" is no version; use MAJOR.MINOR.PATCH, such as 1.0.0",
                   version->text);
    else
        product->version = version->text;
    custom_check(root, known, faults);
    int kind = custom_choice(root, "entrepot.kind", kinds, faults);
    product->kind = kind >= 0 ? (enum product_kind)(kind + 1) : PRODUCT_AGGREGATE;
    product->open_discovery = custom_choice(root, "entrepot.discovery", discovery, faults) != 1;
}

static void read_dependencies(struct arena *arena, const struct node *list,
                              struct product_port *port)
{
    if (!list)
        return;
    struct product_dependency *inputs =
        arena_array_of(arena, struct product_dependency, list->count);
    for (const struct node *entry = list->first; entry; entry = entry->next)
        inputs[port->input_count++] =
            (struct product_dependency){ node_text(entry, "id"), node_text(entry, "version") };
    port->inputs = inputs;
}

static void read_port(struct arena *arena, const struct node *node, struct product_port *port,
                      struct faults *faults)
{
    const struct node *name = node_member(node, "name");
    const struct node *version = node_member(node, "version");
    port->node = node;
    port->name = name->text;
    port->version = version->text;
    port->contract_id = node_text(node, "contractId");
    port->description = node_text(node, "description");
    read_dependencies(arena, node_member(node, "inputContracts"), port);
    if (!text_is_name(name->text))
        node_fault(faults, name,
                   "\"%s\" cannot be the name of a port: names begin with a small letter, have "
                   "small letters, digits and _, and at most 48 of them",
                   name->text);
    if (!version_parse(version->text, &port->number))
        node_fault(faults, version, "\"%s\" is no version; use MAJOR.MINOR.PATCH, such as 1.0.0",
                   version->text);
    if (!port->contract_id)
        node_fault(faults, node,
                   "the port %s needs the member contractId: the id of one of the "
                   "contracts in contracts/",
                   name->text);
}

static void read_ports(struct arena *arena, const struct node *list, struct product_ports *ports,
                       struct faults *faults)
{
    if (!list)
        return;
    struct product_port *all = arena_array_of(arena, struct product_port, list->count);
    ports->list = all;
    for (const struct node *node = list->first; node; node = node->next) {
        read_port(arena, node, &all[ports->count], faults);
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
    if (!odps_check(root, faults))
        return false;
    struct product product = { 0 };
    read_identity(root, &product, faults);
    read_ports(arena, node_member(root, "inputPorts"), &product.inputs, faults);
    read_ports(arena, node_member(root, "outputPorts"), &product.outputs, faults);
    if (faults->count != before)
        return false;
    const char *canonical = node_canonical_json(arena, root);
    product.json = node_json(arena, root);
    product.sha256 = digest_sha256_hex(arena, canonical, strlen(canonical));
    *out_product = product;
    return true;
}
