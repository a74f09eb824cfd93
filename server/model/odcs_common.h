/* What the odcs*.c files share: shapes, and the checks of parts that a shape alone cannot tell. */
#ifndef ENTREPOT_MODEL_ODCS_COMMON_H
#define ENTREPOT_MODEL_ODCS_COMMON_H

#include "odcs.h"
#include "shape.h"

#include "server/base/cleanup.h"

/* A closed shape out of its list of members. */
#define SHAPE(variable, text, list)                                                                \
    const struct shape variable = { .noun = (text), .members = (list), .count = COUNT(list) }

extern const struct shape odcs_custom_property;
extern const struct shape odcs_definition; /* of authoritativeDefinitions */
extern const struct shape odcs_role;

/** servers[]: each type has members of its own. */
void odcs_check_servers(const struct node *root, struct faults *faults);

/** schema[] */
void odcs_check_schema(const struct node *root, struct faults *faults);

/** quality[] of a schema object or a property. */
void odcs_check_quality(const struct node *element, struct faults *faults);

/** relationships[] of a schema object, or of a property, where `from` is the property itself. */
void odcs_check_relationships(const struct node *element, bool of_object, struct faults *faults);

#endif
