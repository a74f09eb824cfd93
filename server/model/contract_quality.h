/* How contract.c reads quality rules, once the columns are read. Shared by the contract_*.c files
 * that do it. */
#ifndef ENTREPOT_MODEL_CONTRACT_QUALITY_H
#define ENTREPOT_MODEL_CONTRACT_QUALITY_H

#include "contract.h"

/* Rules of one contract, those of its schema included: they are columns of one SELECT. */
#define QUALITY_RULES_MOST 1500

/* Rules while they are being gathered. */
struct rules_reading {
    struct arena *arena;
    const struct node *root;
    const struct node *object; /* the schema object */
    const struct contract *contract;
    struct faults *faults;
    struct quality_rule *list;
    size_t count;
    int64_t age_limit_s;
};

/** Room for one more, with its node and columns set. */
struct quality_rule *rules_add(struct rules_reading *reading, enum quality_metric metric,
                               const struct node *node, const struct column *column);

/** Columns by name, of a list of names. False with a fault when one is not there. */
bool rules_columns(struct rules_reading *reading, const struct node *names,
                   struct columns *out_columns);

/** Name a rule, unlike all others: as given; or by id or name of its node, or else as given. */
void rules_name_as(struct rules_reading *reading, struct quality_rule *rule, const char *name);
void rules_name(struct rules_reading *reading, struct quality_rule *rule, const char *otherwise);

/** The threshold among the members of a node; false with a fault when there is none that is right.
 *  takes_truth: true and false are fine. */
bool rules_threshold(struct rules_reading *reading, const struct node *node, bool takes_truth,
                     struct quality_threshold *out_threshold);

/** error, warning or info of a member or of nothing. */
enum quality_severity rules_severity(struct rules_reading *reading, const struct node *severity);

/** quality[] of the schema object or (column not NULL) of a property. */
void rules_read_quality(struct rules_reading *reading, const struct node *element,
                        const struct column *column);

/** relationships[] of the schema object or of a property. */
void rules_read_relationships(struct rules_reading *reading, const struct node *element,
                              const struct column *column);

/** Latency of slaProperties, and entrepot.volume. */
void rules_read_service_levels(struct rules_reading *reading);

/**
 * Read all rules of a contract whose columns were read.
 *
 * Gives   *out_rules, also when faults were added, so that patterns can be released.
 */
void contract_quality_read(struct arena *arena, const struct node *root, const struct node *object,
                           const struct contract *contract, struct quality_rules *out_rules,
                           struct faults *faults);

/** Release the patterns of rules. */
void contract_quality_clear(const struct quality_rules *rules);

#endif
