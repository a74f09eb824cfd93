/*
 * Serve: compose the server from its rooms, run it until it is told to stop, take it down in order.
 *
 * The order of coming up: folder, cluster, roles, migrations, apply, keys, runner, scheduler,
 * steward, listener. The order of going down: listener (requests end, streams drain), steward,
 * scheduler, runner, cluster. Called by main's thread alone, with SIGINT and SIGTERM blocked.
 */
#ifndef ENTREPOT_SERVE_H
#define ENTREPOT_SERVE_H

#include "server/base/config.h"
#include "server/http/route.h"

/**
 * Serve a folder until SIGINT or SIGTERM; a second one ends the drain at once.
 *
 * Takes   routes: of all ports, ended by NULL; control: those of the control port alone, which have
 *         their own listener when control-listen is given.
 * Fails   PROBLEM_START and whatever start-up met; NULL after an orderly stop.
 */
struct problem *serve(struct arena *arena, const struct config *config, const char *folder_path,
                      const struct route_set *const *routes,
                      const struct route_set *const *control) MUST_USE;

/** The data directory: the option, else FOLDER/.entrepot. */
const char *serve_data_dir(struct arena *arena, const struct config *config,
                           const char *folder_path);

/** The audience of a product's tokens: the option, else by the product's id. */
const char *serve_audience(struct arena *arena, const struct config *config,
                           const char *product_id);

#endif
