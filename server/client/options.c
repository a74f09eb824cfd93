#include "options.h"

#include "server/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_MOST 16384

enum option_id {
    OPTION_HELP,
    OPTION_URL,
    OPTION_TOKEN,
    OPTION_TOKEN_FILE,
    OPTION_DATA_DIR,
    OPTION_PARAM,
    OPTION_JSON,
    OPTION_FOLLOW,
    OPTION_NO_PUBLISH,
    OPTION_KEY,
    OPTION_SAMPLE,
    OPTION_COUNT
};

enum which { OF_BOTH, OF_RUN, OF_PLAN };

static const struct {
    const char *name;
    const char *value; /* its name in the help; NULL: a switch */
    enum which which;
    const char *help;
} rows[OPTION_COUNT] = {
    [OPTION_PARAM] = { "--param", "NAME=VALUE", OF_BOTH,
                       "value of a parameter; may be given for each" },
    [OPTION_FOLLOW] = { "--follow", NULL, OF_RUN, "wait for the end and show the progress" },
    [OPTION_NO_PUBLISH] = { "--no-publish", NULL, OF_RUN,
                            "leave a good result staged, to be published by hand" },
    [OPTION_KEY] = { "--key", "KEY", OF_RUN, "Idempotency-Key: asking twice is asking once" },
    [OPTION_SAMPLE] = { "--sample", "ROWS", OF_PLAN, "show so many rows of what each step makes" },
    [OPTION_JSON] = { "--json", NULL, OF_BOTH, "print what the server answered" },
    [OPTION_URL] = { "--url", "URL", OF_BOTH,
                     "the server; else $ENTREPOT_URL, else http://127.0.0.1:8080" },
    [OPTION_TOKEN] = { "--token", "TOKEN", OF_BOTH,
                       "bearer token; else $ENTREPOT_TOKEN, which others cannot see in ps" },
    [OPTION_TOKEN_FILE] = { "--token-file", "FILE", OF_BOTH, "file the token is in" },
    [OPTION_DATA_DIR] = { "--data-dir", "DIR", OF_BOTH,
                          "mint a token with the key of a server of this machine" },
    [OPTION_HELP] = { "--help", NULL, OF_BOTH, "this text" },
};

/* The order of the help is that of reading, not that of the ids. */
static const enum option_id help_order[] = {
    OPTION_PARAM, OPTION_FOLLOW, OPTION_NO_PUBLISH, OPTION_KEY,      OPTION_SAMPLE, OPTION_JSON,
    OPTION_URL,   OPTION_TOKEN,  OPTION_TOKEN_FILE, OPTION_DATA_DIR, OPTION_HELP,
};

static bool is_of(enum option_id id, bool is_plan)
{
    return rows[id].which == OF_BOTH || (rows[id].which == OF_PLAN) == is_plan;
}

const char *client_options_help(struct arena *arena, bool is_plan)
{
    char *text =
        arena_text(arena, is_plan ? "usage: entrepot plan PIPELINE [options]\n\n"
                                    "What a run of a pipeline would do; nothing is run.\n\n"
                                  : "usage: entrepot run PIPELINE [options]\n\n"
                                    "Ask a running server for a run of a pipeline.\n\n");
    for (size_t i = 0; i < COUNT(help_order); i++) {
        enum option_id id = help_order[i];
        if (is_of(id, is_plan))
            text =
                arena_print(arena, "%s  %-22s %s\n", text,
                            arena_print(arena, "%s%s%s", rows[id].name, rows[id].value ? " " : "",
                                        rows[id].value ? rows[id].value : ""),
                            rows[id].help);
    }
    return arena_print(arena,
                       "%s\nexit status: 0 done, 1 the run failed, 2 the command line is wrong, 3 "
                       "the run was\ncancelled, 4 the server is away or refused\n",
                       text);
}

static struct problem *read_token_file(struct arena *arena, const char *path,
                                       const char **out_token)
{
    FILE *file = fopen(path, "re");
    char *text = arena_alloc(arena, TOKEN_MOST + 2);
    if (!file)
        return problem_new(arena, &PROBLEM_START, "--token-file %s: %s", path, strerror(errno));
    size_t size = fread(text, 1, TOKEN_MOST + 1, file);
    (void)fclose(file); /* it was only read */
    if (size > TOKEN_MOST || memchr(text, '\0', size))
        return problem_new(arena, &PROBLEM_START, "--token-file %s holds no token", path);
    text[size] = '\0';
    char **parts = text_split(arena, text, " \t\r\n");
    if (!parts[0] || parts[1])
        return problem_new(arena, &PROBLEM_START, "--token-file %s holds no token", path);
    *out_token = parts[0];
    return NULL;
}

static struct problem *add_parameter(struct arena *arena, const char *text,
                                     struct client_options *options)
{
    const char *equals = strchr(text, '=');
    struct client_parameter *list = arena_grown(arena, (void *)(uintptr_t)options->parameters,
                                                options->parameter_count, sizeof *list);
    if (!equals || equals == text)
        return problem_new(arena, &PROBLEM_START, "--param %s: write NAME=VALUE", text);
    list[options->parameter_count++] = (struct client_parameter){
        arena_copy(arena, text, (size_t)(equals - text)),
        arena_text(arena, equals + 1),
    };
    options->parameters = list;
    return NULL;
}

static struct problem *set(struct arena *arena, enum option_id id, const char *value,
                           struct client_options *options)
{
    switch (id) {
    case OPTION_HELP:
        options->help = true;
        return NULL;
    case OPTION_URL:
        options->url = value;
        return NULL;
    case OPTION_TOKEN:
        options->token = value;
        return NULL;
    case OPTION_TOKEN_FILE:
        return read_token_file(arena, value, &options->token);
    case OPTION_DATA_DIR:
        options->data_dir = value;
        return NULL;
    case OPTION_PARAM:
        return add_parameter(arena, value, options);
    case OPTION_JSON:
        options->json = true;
        return NULL;
    case OPTION_FOLLOW:
        options->follow = true;
        return NULL;
    case OPTION_NO_PUBLISH:
        options->publish = false;
        return NULL;
    case OPTION_KEY:
        options->key = value;
        return NULL;
    case OPTION_SAMPLE:
        if (!text_to_int64(value, &options->sample) || options->sample < 1)
            return problem_new(arena, &PROBLEM_START, "--sample is a number of rows, not %s",
                               value);
        return NULL;
    case OPTION_COUNT:
        break;
    }
    return NULL;
}

/* An option as --name VALUE or --name=VALUE. */
static struct problem *read_option(struct arena *arena, bool is_plan, int count, char *const *words,
                                   int *at, struct client_options *options)
{
    const char *word = words[*at];
    size_t size = strcspn(word, "=");
    for (enum option_id id = 0; id < OPTION_COUNT; id++) {
        if (!is_of(id, is_plan) || strlen(rows[id].name) != size
            || strncmp(word, rows[id].name, size) != 0)
            continue;
        const char *value = word[size] ? word + size + 1 : NULL;
        if (!rows[id].value && value)
            return problem_new(arena, &PROBLEM_START, "%s takes no value", rows[id].name);
        if (rows[id].value && !value && ++*at == count)
            return problem_new(arena, &PROBLEM_START, "%s needs a value", rows[id].name);
        return set(arena, id, value || !rows[id].value ? value : words[*at], options);
    }
    return problem_new(arena, &PROBLEM_START, "unknown option %s; see entrepot %s --help", word,
                       is_plan ? "plan" : "run");
}

static const char *of_environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

struct problem *client_options_read(struct arena *arena, bool is_plan, int count,
                                    char *const *words, struct client_options *out)
{
    struct client_options options = { .publish = true };
    for (int i = 0; i < count; i++) {
        if (words[i][0] == '-')
            TRY(read_option(arena, is_plan, count, words, &i, &options));
        else if (options.pipeline)
            return problem_new(arena, &PROBLEM_START, "one word too many: %s", words[i]);
        else
            options.pipeline = words[i];
    }
    if (!options.help && (!options.pipeline || !*options.pipeline))
        return problem_new(arena, &PROBLEM_START, "which pipeline? usage: entrepot %s PIPELINE",
                           is_plan ? "plan" : "run");
    if (!options.url)
        options.url = of_environment("ENTREPOT_URL");
    char *url = arena_text(arena, options.url ? options.url : "http://127.0.0.1:8080");
    while (*url && url[strlen(url) - 1] == '/')
        url[strlen(url) - 1] = '\0';
    options.url = url;
    if (!options.token && !options.data_dir)
        options.token = of_environment("ENTREPOT_TOKEN");
    *out = options;
    return NULL;
}
