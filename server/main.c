/* The program: its commands, and the ports it is composed of. No decisions are made here. */
#include "commands.h"
#include "ports/control/routes.h"
#include "ports/delta/routes.h"
#include "ports/discovery/routes.h"
#include "ports/input/routes.h"
#include "ports/observability/routes.h"
#include "ports/odata/routes.h"
#include "ports/output/routes.h"
#include "ports/web/routes.h"
#include "serve.h"
#include "server/base/log.h"
#include "server/base/text.h"
#include "server/client/client.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct route_set *const ports[] = {
    &web_routes,   &discovery_routes, &input_routes,         &output_routes, &odata_routes,
    &delta_routes, &control_routes,   &observability_routes, NULL,
};
static const struct route_set *const control[] = { &control_routes, NULL };

/* The options of `token` alone; what it takes is cut out of arguments. */
static struct problem *cut_token_options(struct arena *arena, int *count, char **arguments,
                                         struct token_options *out_options)
{
    struct token_options options = { .ttl_s = 3600 };
    int kept = 0;
    for (int i = 0; i < *count; i++) {
        const char **text = strcmp(arguments[i], "--subject") == 0 ? &options.subject
                            : strcmp(arguments[i], "--scope") == 0 ? &options.scope
                            : strcmp(arguments[i], "--roles") == 0 ? &options.roles
                                                                   : NULL;
        bool ttl = strcmp(arguments[i], "--ttl") == 0;
        if (!text && !ttl) {
            arguments[kept++] = arguments[i];
            continue;
        }
        if (i + 1 == *count)
            return problem_new(arena, &PROBLEM_START, "%s needs a value", arguments[i]);
        if (text)
            *text = arguments[i + 1];
        else if (!text_to_int64(arguments[i + 1], &options.ttl_s) || options.ttl_s < 1
                 || options.ttl_s > 366 * 86400)
            return problem_new(arena, &PROBLEM_START, "--ttl is a number of seconds, not %s",
                               arguments[i + 1]);
        i++;
    }
    *count = kept;
    *out_options = options;
    return NULL;
}

static struct problem *set_log_level(struct arena *arena, const struct config *config)
{
    static const char *const levels[] = { "debug", "info", "warning", "error" };
    const char *level = config_text(config, CONFIG_LOG_LEVEL);
    for (size_t i = 0; i < COUNT(levels); i++)
        if (strcmp(levels[i], level) == 0) {
            log_set_level((enum log_level)i);
            return NULL;
        }
    return problem_new(arena, &PROBLEM_START,
                       "--log-level must be debug, info, warning or error, not %s", level);
}

static struct problem *run(struct arena *arena, const char *command, int count, char **arguments)
{
    struct token_options token = { 0 };
    const struct config *config;
    char **words;
    if (strcmp(command, "token") == 0)
        TRY(cut_token_options(arena, &count, arguments, &token));
    TRY(config_read(arena, count, arguments, &config, &words));
    TRY(set_log_level(arena, config));
    if (words[0] && words[1])
        return problem_new(arena, &PROBLEM_START, "one word too many: %s", words[1]);
    if (strcmp(command, "token") == 0)
        return command_token(arena, config, &token);
    if (strcmp(command, "health") == 0)
        return command_health(arena, config);
    if (strcmp(command, "database-script") == 0)
        return command_database_script(arena, config);
    if (strcmp(command, "configuration") == 0)
        return fputs(config_markdown(arena), stdout), NULL;
    bool folder_command = strcmp(command, "serve") == 0 || strcmp(command, "check") == 0
                          || strcmp(command, "init") == 0;
    if (!folder_command)
        return problem_new(arena, &PROBLEM_START, "unknown command %s; see entrepot --help",
                           command);
    if (!words[0])
        return problem_new(arena, &PROBLEM_START, "which folder? usage: entrepot %s FOLDER",
                           command);
    if (strcmp(command, "serve") == 0)
        return serve(arena, config, words[0], ports, control);
    return strcmp(command, "check") == 0 ? command_check(arena, words[0])
                                         : command_init(arena, words[0]);
}

/* Signals to stop are taken by main's thread when it asks for them; a client that has gone is told
 * by the return of a write. */
static void set_signals(void)
{
    sigset_t stops;
    (void)sigemptyset(&stops);
    (void)sigaddset(&stops, SIGINT);
    (void)sigaddset(&stops, SIGTERM);
    if (pthread_sigmask(SIG_BLOCK, &stops, NULL) || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        abort();
}

int main(int count, char **arguments)
{
    const char *command = count > 1 ? arguments[1] : "--help";
    CLEANUP(arena_free_at) struct arena *arena = arena_new(16 * 1024);
    if (strcmp(command, "--version") == 0)
        return printf("entrepot %s\n", ENTREPOT_VERSION) < 0;
    if (strcmp(command, "--help") == 0 || strcmp(command, "help") == 0)
        return command_help(arena), count > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
    if (strcmp(command, "run") == 0)
        return client_run(arena, count - 2, arguments + 2);
    if (strcmp(command, "plan") == 0)
        return client_plan(arena, count - 2, arguments + 2);
    if (strcmp(command, "serve") == 0)
        set_signals();
    struct problem *problem = run(arena, command, count - 2, arguments + 2);
    if (problem)
        (void)fprintf(stderr, "entrepot: %s", problem_lines(arena, problem));
    return problem ? EXIT_FAILURE : EXIT_SUCCESS;
}
