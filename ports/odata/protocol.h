/*
 * The protocol around every resource: versions, formats, options and errors of OData 4.0 and 4.01.
 *
 * A client that does not say which version it reads gets 4.0: those who read 4.01 say so, and a
 * client that looks for @odata.nextLink and finds @nextLink would take a page for the whole.
 */
#ifndef ENTREPOT_PORTS_ODATA_PROTOCOL_H
#define ENTREPOT_PORTS_ODATA_PROTOCOL_H

#include "server/base/buffer.h"
#include "server/server.h"

#define ODATA_ROOT "/odata"

enum metadata_level { METADATA_MINIMAL, METADATA_FULL, METADATA_NONE };

/* What client and server agree on for one answer. */
struct protocol {
    bool is_4_01;
    enum metadata_level level;
    bool exact;             /* IEEE754Compatible: int64 and decimals are strings */
    const char *media_type; /* of JSON, with its parameters */
    const char *prefix;     /* of control information: "@odata." or "@" */
};

/** Header fields of every answer below the root: OData-Version, Vary. */
void protocol_begin_reply(struct request *rq, struct reply *rp);

/**
 * Agree on the version alone.
 * Fails   PROBLEM_NOT_ACCEPTABLE: OData-MaxVersion below 4.0; PROBLEM_BAD_REQUEST: it is none;
 *         PROBLEM_PRECONDITION: an Isolation other than snapshot.
 */
struct problem *protocol_version(struct request *rq, struct protocol *out_protocol) MUST_USE;

/** Agree on version and JSON format. Fails as protocol_version, and PROBLEM_NOT_ACCEPTABLE. */
struct problem *protocol_json(struct request *rq, struct protocol *out_protocol) MUST_USE;

/** Is CSDL wanted as JSON? Fails PROBLEM_NOT_ACCEPTABLE: neither XML nor JSON is. */
struct problem *protocol_csdl(struct request *rq, bool *out_json) MUST_USE;

/** Refuse options other than those named, ended by NULL; names with @ are values for others. */
struct problem *protocol_options(struct request *rq, const char *const *known) MUST_USE;

/** The root of the service, without a slash at its end. */
const char *protocol_root(const struct request *rq);

/** What the answer depends on besides its rows, for ETags. */
const char *protocol_variant(struct arena *arena, const struct protocol *protocol,
                             const char *resource);

/** `"@odata.context":"…#fragment",`, or nothing where the client wants no metadata. */
void protocol_add_context(struct request *rq, struct buffer *out, const struct protocol *protocol,
                          const char *fragment);

#endif
