/* How problems are written for clients of Delta Sharing: {"errorCode": …, "message": …}. */
#ifndef ENTREPOT_PORTS_DELTA_DIALECT_H
#define ENTREPOT_PORTS_DELTA_DIALECT_H

#include "server/base/problem.h"

extern const struct problem_dialect dialect_delta;

#endif
