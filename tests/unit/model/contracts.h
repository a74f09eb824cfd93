/* Contracts as YAML, for tables of them. */
#ifndef ENTREPOT_TESTS_UNIT_MODEL_CONTRACTS_H
#define ENTREPOT_TESTS_UNIT_MODEL_CONTRACTS_H

#include "faults.h"
#include "server/model/contract.h"

/* A contract but for its schema. */
#define HEAD                                                                                       \
    "apiVersion: v3.1.0\n"                                                                         \
    "kind: DataContract\n"                                                                         \
    "id: shop.orders\n"                                                                            \
    "version: 2.1.0\n"                                                                             \
    "status: active\n"
/* And with a schema whose first property begins on line 9. */
#define SCHEMA                                                                                     \
    HEAD "schema:\n"                                                                               \
         "  - name: orders\n"                                                                      \
         "    properties:\n"
#define KEY "      - {name: id, logicalType: integer, primaryKey: true}\n"

/* A contract that must be right; to be cleared. */
static inline struct contract contract_of(struct arena *arena, const char *yaml)
{
    struct faults faults;
    struct contract contract = { 0 };
    faults_init(&faults, arena, 20);
    const struct document_text source = { "f", yaml, strlen(yaml), DOCUMENT_YAML };
    bool right = contract_parse(arena, &source, &contract, &faults);
    ck_assert_str_eq(faults_text(arena, &faults), "");
    ck_assert(right);
    return contract;
}

#endif
