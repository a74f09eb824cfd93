/* A small product for tests of this room: orders in, orders by day out. */
#ifndef ENTREPOT_TESTS_DB_OPERATE_PRODUCT_H
#define ENTREPOT_TESTS_DB_OPERATE_PRODUCT_H

#include "server/db/roles.h"
#include "server/operate/apply.h"
#include "server/pipeline/run.h"
#include "tests/db/db/support.h"

/* A database with the roles and migrations, and a connection of its owner. */
struct product_place {
    struct arena *arena;
    struct roles roles;
    struct db *owner;
    const struct config *config;
    struct catalogue_cell *catalogue;
};

struct product_place product_place_open(const char *name);
void product_place_close(struct product_place *place);

/* What of the product a test changes; NULL is the usual text. */
struct product_texts {
    const char *orders;   /* contract of the input */
    const char *days;     /* contract of the output */
    const char *pipeline; /* SQL of the one step */
};

/** Check and apply the product with these texts. Gives the plan; the problem is the test's. */
struct problem *product_apply(struct product_place *place, const struct product_texts *texts,
                              struct apply_plan *out_plan);

/** Put rows into orders as one accepted delivery: `VALUES (1, date '2026-01-01', 5.00), …`. */
void product_deliver(struct product_place *place, const char *values);

/** Ask for a run of the pipeline and execute it. Gives its last state. */
const char *product_run(struct product_place *place);

/** The first column of the first row of a query, as text; "" for none. */
const char *product_ask(struct product_place *place, const char *sql);

extern const char product_orders[];
extern const char product_days[];
extern const char product_sql[];

#endif
