/* The shapes of a pipeline document and the types of its parameters; for pipeline_document.c only.
 */
#ifndef ENTREPOT_MODEL_PIPELINE_SHAPE_H
#define ENTREPOT_MODEL_PIPELINE_SHAPE_H

#include "pipeline_document.h"

/** Check the whole but for its inputs, parameters and steps; then one of each. True: no fault. */
bool pipeline_shape_root(const struct node *root, struct faults *faults);
bool pipeline_shape_input(const struct node *input, struct faults *faults);
bool pipeline_shape_parameter(const struct node *parameter, struct faults *faults);
bool pipeline_shape_step(const struct node *step, struct faults *faults);
bool pipeline_shape_case(const struct node *unit, struct faults *faults);

/** The mode and the quality policy a name means; those without a name are full and enforce. */
enum pipeline_mode pipeline_shape_mode(const char *name);
enum pipeline_quality pipeline_shape_quality(const char *name);

/** The type a parameter names, and its name. */
enum column_type pipeline_shape_type(const char *name);
const char *pipeline_shape_type_name(enum column_type type);

/** Is it a value of a parameter's type? */
bool pipeline_shape_fits(enum column_type type, const struct node *value);

#endif
