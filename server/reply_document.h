/*
 * A document as JSON or YAML, by Accept: what the discovery and control ports show of the
 * catalogue.
 */
#ifndef ENTREPOT_REPLY_DOCUMENT_H
#define ENTREPOT_REPLY_DOCUMENT_H

#include "server/http/reply.h"

/**
 * Answer with a stored document.
 *
 * Takes   json: its JSON text; etag: opaque part, or NULL; json_type, yaml_type: media types.
 * Fails   PROBLEM_NOT_ACCEPTABLE when neither is acceptable.
 */
struct problem *reply_document(struct request *rq, struct reply *rp, const char *json,
                               const char *etag) MUST_USE;

#endif
