/* What the pipeline_*.c files share: a pipeline document while it is read. */
#ifndef ENTREPOT_MODEL_PIPELINE_PARTS_H
#define ENTREPOT_MODEL_PIPELINE_PARTS_H

#include "pipeline_document.h"

/** May it be a name in the SQL? Adds the fault where not; noun: "an input". */
void pipeline_check_name(const struct node *node, const char *name, const char *noun,
                         struct faults *faults);

/** Are there not too many of them? */
void pipeline_check_count(const struct node *list, const char *nouns, struct faults *faults);

/** input.NAME, output.NAME, or NAME alone, which means the layer given. False: a fault was added.
 */
bool pipeline_read_dataset(const struct node *node, enum pipeline_layer alone,
                           enum pipeline_layer *out_layer, const char **out_name,
                           struct faults *faults);

/** Read the steps; inputs and parameters are read already. */
void pipeline_read_steps(struct arena *arena, const struct node *root,
                         const struct pipeline_files *files, struct pipeline_document *document,
                         struct faults *faults);

/** Read the unit tests; the steps are read already. */
void pipeline_read_cases(struct arena *arena, const struct node *root,
                         struct pipeline_document *document, struct faults *faults);

#endif
