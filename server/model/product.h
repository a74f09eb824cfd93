/*
 * A product: its descriptor, read from a Bitol ODPS v1.0.0 document (product.odps.yaml).
 *
 * The document is checked to the published schema. What ODPS has no place for is in
 * customProperties: `entrepot.kind` source-aligned|aggregate|consumer-aligned and
 * `entrepot.discovery` open|token. Plain const data in the caller's arena; any thread may read.
 */
#ifndef ENTREPOT_MODEL_PRODUCT_H
#define ENTREPOT_MODEL_PRODUCT_H

#include "document.h"
#include "version.h"

enum product_kind {
    PRODUCT_NO_KIND,
    PRODUCT_SOURCE_ALIGNED,
    PRODUCT_AGGREGATE, /* the default */
    PRODUCT_CONSUMER_ALIGNED
};

/* A contract another port depends on. */
struct product_dependency {
    const char *id;
    const char *version;
};

struct product_port {
    const char *name; /* of the port and of its dataset */
    const char *version;
    struct version number;
    const char *contract_id;
    const char *description;                 /* NULL where there is none; input ports have none */
    const struct product_dependency *inputs; /* inputContracts of an output port */
    size_t input_count;
    const struct node *node; /* for messages */
};

struct product_ports {
    const struct product_port *list;
    size_t count;
};

struct product {
    const char *id;      /* letters, digits, . _ ~ : and -: safe in a URL */
    const char *name;    /* the id where the document has none */
    const char *version; /* MAJOR.MINOR.PATCH */
    const char *status;
    const char *domain;      /* "default" where the document has none */
    const char *description; /* its purpose; NULL where there is none */
    enum product_kind kind;
    bool open_discovery; /* discovery needs no token */
    struct product_ports inputs;
    struct product_ports outputs;
    const char *json;   /* the document as JSON, members in written order */
    const char *sha256; /* of its canonical JSON, 64 hexadecimal digits */
};

/**
 * Read a product.
 *
 * Takes   root: a parsed document; it must live as long as the product.
 * Gives   *out_product; what could be read of it also when it fails, for further checks only.
 * Fails   by false, with every fault of the document added.
 */
bool product_read(struct arena *arena, const struct node *root, struct product *out_product,
                  struct faults *faults);

/** source-aligned, aggregate or consumer-aligned. */
const char *product_kind_name(enum product_kind kind);

/** The port of a name, or NULL. */
const struct product_port *product_port_find(const struct product_ports *ports, const char *name);

#endif
