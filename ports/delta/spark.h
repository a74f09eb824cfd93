/* Columns as Spark's JSON has them, which is what the protocol calls a schema string. */
#ifndef ENTREPOT_PORTS_DELTA_SPARK_H
#define ENTREPOT_PORTS_DELTA_SPARK_H

#include "server/model/column.h"

#include <jansson.h>

/** The columns as our Parquet files hold them; NULL without memory. */
json_t *spark_schema(struct arena *arena, const struct columns *columns);

#endif
