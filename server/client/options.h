/* What the client commands are told on the command line and in the environment. */
#ifndef ENTREPOT_CLIENT_OPTIONS_H
#define ENTREPOT_CLIENT_OPTIONS_H

#include "server/base/problem.h"

struct client_parameter {
    const char *name;
    const char *value;
};

struct client_options {
    bool help;
    const char *pipeline;
    const char *url;      /* without a slash at its end */
    const char *token;    /* NULL: none */
    const char *data_dir; /* to mint a token with; NULL: none */
    const char *key;      /* Idempotency-Key; NULL: none */
    const struct client_parameter *parameters;
    size_t parameter_count;
    bool follow;
    bool publish;
    bool json;
    int64_t sample; /* rows; 0: none */
};

/**
 * Read them.
 *
 * Takes   is_plan: the command is plan; else run.
 * Fails   PROBLEM_START.
 */
struct problem *client_options_read(struct arena *arena, bool is_plan, int count,
                                    char *const *words, struct client_options *out) MUST_USE;

/** The text of --help. */
const char *client_options_help(struct arena *arena, bool is_plan);

#endif
