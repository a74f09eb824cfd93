/* A table of ten known rows, and contracts over it, for tests of quality rules. */
#ifndef ENTREPOT_TESTS_DB_QUALITY_FACTS_H
#define ENTREPOT_TESTS_DB_QUALITY_FACTS_H

#include "server/quality/quality.h"
#include "tests/db/operate/product.h"

/* Where the rows are; the contract's dataset is called facts. */
enum { FACTS_SEGMENT = 9000 };

/* 2026-01-11, a day after the newest of the rows. */
#define FACTS_AS_OF INT64_C(1768089600000000)

struct facts {
    struct product_place place;
    struct catalogue_datum datum;
    struct contract contract;
    const struct catalogue *catalogue; /* with the input orders and the output days */
    struct quality_request request;    /* of all rules, enforced */
};

struct facts facts_open(const char *name);
void facts_close(struct facts *facts);

/**
 * Make the table anew, with a contract.
 *
 * Takes   columns: members to add to the columns code and amount, YAML in braces, or "";
 *         object: members of the schema object, indented by 4; root: members at the top.
 */
void facts_prepare(struct facts *facts, const char *code, const char *amount, const char *object,
                   const char *root, bool with_rows);

/** Check, and give the report. */
struct quality_report facts_check(struct facts *facts);

/** The result of a rule by name; fails the test when there is none. */
const struct quality_result *facts_result(const struct quality_report *report, const char *rule);

#endif
