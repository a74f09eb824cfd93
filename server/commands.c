#include "commands.h"

#include "serve.h"
#include "server/auth/verifier.h"
#include "server/base/text.h"
#include "server/db/roles.h"
#include "server/issuer_file.h"
#include "server/model/folder.h"
#include "server/pipeline/steps.h"
#include "server/quality/quality.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

struct problem *command_init(struct arena *arena, const char *folder_path)
{
    TRY(folder_init(arena, folder_path));
    (void)printf("%s is a product now. Serve it:\n\n    entrepot serve %s\n", folder_path,
                 folder_path);
    return NULL;
}

static struct problem *check_pipelines(struct arena *arena, const struct folder *folder)
{
    for (size_t i = 0; i < folder->pipeline_count; i++) {
        const struct pipeline_document *document = &folder->pipelines[i];
        struct checked_step *steps;
        struct problem *problem = steps_check(arena, document, &steps);
        if (problem)
            return problem_new(arena, problem->kind, "%s:%lld:%lld: %s", document->file,
                               (long long)problem_number(problem, "line", 1),
                               (long long)problem_number(problem, "column", 1), problem->detail);
    }
    return NULL;
}

/* SQL of quality rules, as far as it can be judged without a database. */
static struct problem *check_rules(struct arena *arena, const struct folder *folder)
{
    struct faults faults;
    faults_init(&faults, arena, 100);
    for (size_t i = 0; i < folder->contract_count; i++)
        quality_check_rules(arena, &folder->contracts[i], &faults);
    faults_sort(&faults);
    return faults_problem(&faults, &PROBLEM_INVALID_DOCUMENT, "the folder has %d fault%s",
                          faults.count, faults.count == 1 ? "" : "s");
}

struct problem *command_check(struct arena *arena, const char *folder_path)
{
    struct folder folder = { 0 };
    struct faults warnings;
    faults_init(&warnings, arena, 100);
    struct problem *problem =
        folder_read(arena, folder_path, &folder_limits_usual, &warnings, &folder);
    for (const struct problem_fault *fault = warnings.first; fault; fault = fault->next)
        (void)fprintf(stderr, "warning: %s: %s\n", fault->file ? fault->file : folder_path,
                      fault->reason);
    if (!problem)
        problem = check_rules(arena, &folder);
    if (!problem)
        problem = check_pipelines(arena, &folder);
    if (!problem)
        (void)printf("%s: product %s %s, %zu datasets, %zu pipelines: no faults\n", folder_path,
                     folder.product.id, folder.product.version, folder.dataset_count,
                     folder.pipeline_count);
    folder_clear(&folder);
    return problem;
}

struct problem *command_database_script(struct arena *arena, const struct config *config)
{
    const char *sql;
    TRY(roles_script(arena, config_text(config, CONFIG_DATABASE),
                     config_text(config, CONFIG_DATA_DIR), &sql));
    (void)fputs(sql, stdout); /* a script nobody reads is no failure of ours */
    return NULL;
}

struct problem *command_token(struct arena *arena, const struct config *config,
                              const struct token_options *options)
{
    const char *data_dir = config_text(config, CONFIG_DATA_DIR);
    const char *token;
    struct issuer issuer;
    if (!data_dir || !options->subject || !options->scope)
        return problem_new(
            arena, &PROBLEM_START,
            "usage: entrepot token --data-dir DIR --subject NAME --scope \"output:read"
            " …\" [--ttl SECONDS] [--roles \"NAME …\"]");
    TRY(issuer_file_read(arena, data_dir, &issuer));
    char **roles = options->roles ? text_split(arena, options->roles, " ,") : NULL;
    const struct token_wish wish = {
        .issuer = issuer.issuer,
        .audience = issuer.audience,
        .subject = options->subject,
        .scope = options->scope,
        .roles = (const char *const *)roles,
        .lifetime_ms = options->ttl_s * 1000,
    };
    TRY(token_mint(arena, data_dir, &wish, &token));
    (void)printf("%s\n", token);
    return NULL;
}

static size_t ignore_body(char *data, size_t size, size_t count, void *context)
{
    (void)data;
    (void)context;
    return size * count;
}

struct problem *command_health(struct arena *arena, const struct config *config)
{
    const char *listen = config_text(config, CONFIG_LISTEN);
    const char *colon = strrchr(listen, ':');
    long status = 0;
    CURL *curl = curl_easy_init();
    if (!curl || !colon)
        return problem_new(arena, &PROBLEM_START, "cannot ask %s", listen);
    bool everywhere = text_starts(listen, "0.0.0.0:") || text_starts(listen, "[::]:");
    const char *url =
        everywhere ? arena_print(arena, "http://127.0.0.1%s/observability/health/ready", colon)
                   : arena_print(arena, "http://%s/observability/health/ready", listen);
    CURLcode code = curl_easy_setopt(curl, CURLOPT_URL, url);
    if (!code)
        code = curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 5000L);
    if (!code)
        code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore_body);
    if (!code)
        code = curl_easy_perform(curl);
    if (!code)
        code = curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    if (code || status != 200)
        return problem_new(arena, &PROBLEM_START, "%s: not ready (%s)", url,
                           code ? curl_easy_strerror(code) : arena_print(arena, "%ld", status));
    (void)printf("ready\n");
    return NULL;
}

void command_help(struct arena *arena)
{
    (void)printf(
        "entrepot %s: a data product server\n\n"
        "  entrepot serve FOLDER           serve the product a folder describes\n"
        "  entrepot init FOLDER            write a small commented product\n"
        "  entrepot check FOLDER           check a folder; every fault, with file and line\n"
        "  entrepot run PIPELINE           ask a running server for a run; --follow shows it\n"
        "  entrepot plan PIPELINE          what a run would do; nothing is run\n"
        "  entrepot token --data-dir DIR --subject NAME --scope \"output:read …\"\n"
        "                 [--ttl SECONDS] [--roles \"NAME …\"]\n"
        "                                  print a token signed by the server's own key\n"
        "  entrepot health                 is the server at --listen ready? exit 0 or 1\n"
        "  entrepot database-script        SQL for the administrator of a database\n"
        "  entrepot configuration          all options, as a table\n"
        "  entrepot --version\n\n"
        "Options, also as environment (--max-body is ENTREPOT_MAX_BODY):\n\n%s",
        ENTREPOT_VERSION, config_help(arena));
}
