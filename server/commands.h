/*
 * The commands of the program that are not `serve`: init, check, token, health, help.
 *
 * Each takes the words behind its name and prints its result; a problem goes to main.
 */
#ifndef ENTREPOT_COMMANDS_H
#define ENTREPOT_COMMANDS_H

#include "server/base/config.h"

/** Write a small commented product into a folder. */
struct problem *command_init(struct arena *arena, const char *folder_path) MUST_USE;

/** Check a folder offline: every fault as file:line:path: reason. */
struct problem *command_check(struct arena *arena, const char *folder_path) MUST_USE;

/** Print the SQL an administrator runs once, where the server may not make its roles itself. */
struct problem *command_database_script(struct arena *arena, const struct config *config) MUST_USE;

/** What `entrepot token` is told beyond the configuration. */
struct token_options {
    const char *subject;
    const char *scope;
    const char *roles;
    int64_t ttl_s;
};

/** Mint a token with the key of the data directory and print it alone. */
struct problem *command_token(struct arena *arena, const struct config *config,
                              const struct token_options *options) MUST_USE;

/** Ask a server that runs here whether it is ready; for container health checks. */
struct problem *command_health(struct arena *arena, const struct config *config) MUST_USE;

void command_help(struct arena *arena);

#endif
