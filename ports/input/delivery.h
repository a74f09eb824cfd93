/*
 * A delivery: one body, streamed, checked row by row and stored whole or not at all.
 *
 * The rows go into the input table in the same transaction that accepts the delivery; the bytes are
 * digested as they pass. Memory does not grow with the body. Runs on a worker.
 */
#ifndef ENTREPOT_PORTS_INPUT_DELIVERY_H
#define ENTREPOT_PORTS_INPUT_DELIVERY_H

#include "server/formats/intake.h"
#include "server/http/request.h"
#include "server/model/catalogue.h"

struct delivery_request {
    const struct catalogue_datum *datum;
    enum intake_format format;
    const char *media_type;
    const char *pointer;         /* JSON pointer to the rows, or NULL */
    const char *idempotency_key; /* or NULL */
    const char *subject;
};

struct delivery_receipt {
    int64_t number;
    int64_t rows;
    int64_t bytes;
    const char *sha256;
    bool replayed; /* the same bytes came before under the same key: nothing was stored again */
};

/**
 * Receive a delivery.
 *
 * Fails   PROBLEM_CONTRACT with faults; PROBLEM_BAD_REQUEST; PROBLEM_BODY_TOO_LARGE;
 *         PROBLEM_IDEMPOTENCY: the key was used with other bytes; PROBLEM_CONFLICT: a delivery with
 *         this key is still coming; PROBLEM_STORE. Nothing is stored then but the refusal itself.
 */
struct problem *delivery_receive(struct request *rq, const struct delivery_request *request,
                                 struct delivery_receipt *out_receipt) MUST_USE;

#endif
