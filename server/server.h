/*
 * The server: what main has composed and the ports read.
 *
 * struct server is built by main before anything listens and is immutable from then on; what it
 * points to guards itself. The functions here are what every port asks first: which catalogue,
 * which dataset, may this subject do this.
 */
#ifndef ENTREPOT_SERVER_H
#define ENTREPOT_SERVER_H

#include "server/base/config.h"
#include "server/http/reply.h"
#include "server/model/catalogue.h"

struct verifier;
struct counts;
struct snapshot_files;
struct runner;
struct http;

struct server {
    const struct config *config;
    const char *instance; /* name of this process, unlike any other */
    int64_t started_at;
    struct catalogue_cell *catalogue;
    struct counts *counts;        /* rows that queries found, by snapshot */
    struct snapshot_files *files; /* of snapshots */
    struct verifier *verifier;
    struct runner *runner;
    const char *pipeline_conninfo;         /* of the role that runs injected SQL */
    _Atomic(struct http *) http;           /* NULL until it listens */
    const struct route_set *const *routes; /* of all ports, ended by NULL */
    const char *issuer;
    const char *audience;
    const char *const *degraded;    /* reasons, ended by NULL; empty: none */
    const unsigned char *token_key; /* MAC of skiptokens */
    size_t token_key_size;
};

/** The server a request came to. */
const struct server *server_of(const struct request *rq);

/** The catalogue of this request: the newest at its first call, the same at every later one. */
const struct catalogue *server_catalogue(struct request *rq);

/** Read the catalogue again after this request changed it, so that the next request sees it. */
struct problem *server_refresh(struct request *rq) MUST_USE;

/**
 * A dataset by the name in the URL, and what the subject may do with it.
 *
 * Fails   PROBLEM_DATASET_UNKNOWN; PROBLEM_FORBIDDEN.
 */
struct problem *server_dataset(struct request *rq, enum contract_use use, const char *name,
                               enum access_action action, const struct catalogue_datum **out_datum,
                               struct access_decision *out_decision) MUST_USE;

/**
 * The entity tag of a document that is made of the catalogue and of URLs: changes with both.
 * Takes   name: which document.
 */
const char *server_etag(struct request *rq, const char *name);

/** The subject of the token, or "anonymous". */
const char *server_subject(const struct request *rq);

/** A whole number from a query option; missing when the option is not there. */
struct problem *server_number_option(struct request *rq, const char *name, int64_t lowest,
                                     int64_t highest, int64_t missing, int64_t *out_value) MUST_USE;

/** Refuse query options other than those named, ended by NULL. */
struct problem *server_known_options(struct request *rq, const char *const *known) MUST_USE;

/** An instant as JSON text, or null for 0. */
json_t *server_json_time(struct request *rq, int64_t at);

#endif
