/*
 * A tiny HTTP server on a loopback thread: it answers every request with the bytes it was told
 * last, and counts. It plays the issuer whose keys are fetched.
 */
#ifndef ENTREPOT_TESTS_UNIT_AUTH_ISSUER_H
#define ENTREPOT_TESTS_UNIT_AUTH_ISSUER_H

#include "server/base/arena.h"

#include <openssl/evp.h>

struct issuer;

struct issuer *issuer_open(struct arena *arena);
void issuer_close(struct issuer *issuer);

/** The same over TLS, with a key and a certificate for it in PEM. */
struct issuer *issuer_open_tls(struct arena *arena, EVP_PKEY *key, const char *certificate);

/** http://127.0.0.1:PORT/jwks, or https://localhost:PORT/jwks */
const char *issuer_url(struct arena *arena, const struct issuer *issuer);

/** What is sent from now on, status line included; NULL: nothing, and the connection stays open. */
void issuer_says(struct issuer *issuer, const char *answer);

/** 200 with a body; fields: header lines that end in \r\n, or "". */
void issuer_publishes(struct issuer *issuer, const char *fields, const char *body);

/** Requests that were answered, or left unanswered. */
int issuer_asked(struct issuer *issuer);

/** Wait until it was asked so often. */
void issuer_wait(struct issuer *issuer, int asked);

#endif
