/* Types of columns as types of Edm. */
#ifndef ENTREPOT_PORTS_ODATA_EDM_H
#define ENTREPOT_PORTS_ODATA_EDM_H

#include "server/model/column.h"

/**
 * The type of a column, without Edm. in front.
 *
 * Takes   is_4_01: OData 4.0 has no Untyped, so jsonb is then a String that holds JSON.
 */
const char *edm_type(const struct column *column, bool is_4_01);

/** Must a reader be told the type of a value, because its JSON does not show it? */
bool edm_is_hidden(const struct column *column);

#endif
