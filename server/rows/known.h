/*
 * Answers that have not changed, known again without reading the request for rows: the loop
 * remembers the entity tags of what it answered with a 304.
 *
 * It does what a cache between us and the client may do by our own Vary field: the same target,
 * the same Accept and Prefer, and for Authorization the same verified token, of one revision of the
 * catalogue. Every request was authenticated and its scope checked before this is asked, and every
 * tag was given by the whole way once: access rules, snapshot, query.
 */
#ifndef ENTREPOT_ROWS_KNOWN_H
#define ENTREPOT_ROWS_KNOWN_H

#include "selection.h"

/** Is it known that the client has what it asks for? Then the reply is a 304, and the handler ends
 * (READ lane). */
bool known_answer(struct request *rq, struct reply *rp);

/** Remember that the answer to this request is the selection's, after it was answered with a 304
 * (READ lane). Not kept where the time of the request, or a token to go on with, decides. */
void known_keep(struct request *rq, const struct selection *selection);

#endif
