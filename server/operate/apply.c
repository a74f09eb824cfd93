#include "apply.h"

#include "server/model/relation.h"
#include "server/quality/quality.h"
#include "sql.h"
#include "triggers.h"

#include <string.h>

/* A folder being applied, inside the transaction. */
struct applying {
    struct db *db;
    struct arena *arena;
    const struct folder *folder;
    const char *pipeline_conninfo;
    const struct catalogue *old; /* before */
    int64_t catalog_id;
    struct faults faults;
    struct apply_plan plan;
};

static void plan_add(struct applying *applying, const char *format, ...) PRINTF_LIKE(2, 3);
static void plan_add(struct applying *applying, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct apply_plan *plan = &applying->plan;
    plan->lines =
        arena_grown(applying->arena, (void *)plan->lines, plan->count, sizeof *plan->lines);
    plan->lines[plan->count++] = arena_vprint(applying->arena, format, arguments);
    va_end(arguments);
}

static const char *layer_name(enum contract_use use)
{
    return use == CONTRACT_OF_INPUT ? "input" : "output";
}

static struct problem *apply_access_rules(struct applying *applying)
{
    const struct access *access = &applying->folder->access;
    const struct db_param catalog[] = { db_int64(applying->catalog_id) };
    TRY(db_none(applying->db, applying->arena, &sql_access_rules_clear, catalog, COUNT(catalog)));
    for (size_t i = 0; i < access->rule_count; i++) {
        const struct access_rule *rule = &access->rules[i];
        const struct db_param in[] = { db_int64(applying->catalog_id), db_int32((int32_t)i + 1),
                                       db_text(rule->name),
                                       db_text(rule->forbids ? "forbid" : "permit"),
                                       db_text(rule->json) };
        TRY(db_none(applying->db, applying->arena, &sql_access_rule_add, in, COUNT(in)));
    }
    return NULL;
}

static struct problem *apply_product(struct applying *applying)
{
    const struct product *product = &applying->folder->product;
    const struct access *access = &applying->folder->access;
    const struct catalogue *old = applying->old;
    struct arena *arena = applying->arena;
    if (old->has_product && strcmp(old->product.id, product->id) != 0)
        return problem_new(arena, &PROBLEM_START,
                           "this database holds the product %s; it cannot serve %s: use another "
                           "data directory or database",
                           old->product.id, product->id);
    bool product_changed = !old->has_product || strcmp(old->product.sha256, product->sha256) != 0;
    bool access_changed = !old->has_product || strcmp(old->access.sha256, access->sha256) != 0;
    int64_t domain_id;
    const struct db_param domain[] = { db_text(product->domain) };
    const struct db_column domain_out[] = { db_to_int64(&domain_id) };
    TRY(db_one(applying->db, arena, &sql_domain_put, domain, COUNT(domain), domain_out,
               COUNT(domain_out)));
    const struct db_param in[] = {
        db_int64(domain_id),
        db_text(product->id),
        db_text(product->name),
        db_text(product->version),
        db_text(product_kind_name(product->kind)),
        db_bool(product->open_discovery),
        db_text(product->json),
        db_text(product->sha256),
        db_text(access->json),
        db_text(access->sha256),
    };
    const struct db_column out[] = { db_to_int64(&applying->catalog_id) };
    TRY(db_one(applying->db, arena, &sql_catalog_put, in, COUNT(in), out, COUNT(out)));
    if (product_changed)
        plan_add(applying, "%s product %s %s", old->has_product ? "~" : "+", product->id,
                 product->version);
    if (access_changed) {
        TRY(apply_access_rules(applying));
        plan_add(applying, "%s access: %zu rules", old->has_product ? "~" : "+",
                 access->rule_count);
    }
    return NULL;
}

/* The contract's row; a stored version never changes. */
static struct problem *apply_contract(struct applying *applying, const struct contract *contract,
                                      int64_t *out_id, bool *out_new)
{
    const char *sha256 = NULL;
    bool found;
    const struct db_param which[] = { db_text(contract->id), db_text(contract->version) };
    const struct db_column out[] = { db_to_int64(out_id), db_to_text(&sha256) };
    TRY(db_maybe(applying->db, applying->arena, &sql_contract_find, which, COUNT(which), out,
                 COUNT(out), &found));
    *out_new = !found;
    if (found) {
        if (strcmp(sha256, contract->sha256) != 0)
            faults_add(&applying->faults, contract->file, contract->line, NULL,
                       "contract %s %s is applied with other content; an applied version is never "
                       "changed: raise the version",
                       contract->id, contract->version);
        return NULL;
    }
    const struct db_param in[] = { db_text(contract->id), db_text(contract->version),
                                   db_text(contract->json), db_text(contract->sha256) };
    const struct db_column id[] = { db_to_int64(out_id) };
    return db_one(applying->db, applying->arena, &sql_contract_add, in, COUNT(in), id, COUNT(id));
}

static const struct catalogue_datum *old_datum(const struct applying *applying,
                                               const struct folder_dataset *dataset)
{
    for (size_t i = 0; i < applying->old->datum_count; i++) {
        const struct catalogue_datum *datum = &applying->old->datums[i];
        if (datum->use == dataset->use && strcmp(datum->name, dataset->contract->dataset) == 0
            && datum->major == dataset->contract->number.major)
            return datum;
    }
    return NULL;
}

static struct problem *change_input_table(struct applying *applying,
                                          const struct catalogue_datum *old,
                                          const struct contract *contract)
{
    for (size_t i = 0; i < contract->columns.count; i++) {
        const struct column *column = &contract->columns.list[i];
        if (!columns_find(&old->contract->columns, column->name, false))
            TRY(db_run(applying->db, applying->arena,
                       relation_add_input_column(applying->arena, old->id, column)));
    }
    return NULL;
}

static struct problem *apply_dataset(struct applying *applying,
                                     const struct folder_dataset *dataset)
{
    struct arena *arena = applying->arena;
    const struct contract *contract = dataset->contract;
    const struct catalogue_datum *old = old_datum(applying, dataset);
    const char *layer = layer_name(dataset->use);
    int64_t contract_key = 0;
    int64_t id;
    bool is_new;
    TRY(apply_contract(applying, contract, &contract_key, &is_new));
    bool changed = !old || old->retired || old->contract_key != contract_key;
    if (applying->faults.count || !changed)
        return NULL;
    TRY(quality_analyse_rules(applying->db, arena, contract, &applying->faults));
    if (applying->faults.count)
        return NULL;
    if (old && !contract_compare(old->contract, contract, dataset->use, &applying->faults))
        return NULL;
    const struct db_param in[] = {
        db_int64(applying->catalog_id), db_text(layer),
        db_text(contract->dataset),     db_int32(contract->number.major),
        db_int64(contract_key),         db_text(contract_mode_name(contract->mode)),
    };
    const struct db_column out[] = { db_to_int64(&id) };
    TRY(db_one(applying->db, arena, &sql_datum_put, in, COUNT(in), out, COUNT(out)));
    if (dataset->use == CONTRACT_OF_INPUT && !old)
        TRY(db_run(applying->db, arena, relation_create_input(arena, id, &contract->columns)));
    else if (dataset->use == CONTRACT_OF_INPUT)
        TRY(change_input_table(applying, old, contract));
    const struct db_param service[] = { db_int64(id), db_text("rest"),
                                        db_text(arena_print(arena, "/%s/%s", layer,
                                                            contract->dataset)) };
    TRY(db_none(applying->db, arena, &sql_service_put, service, COUNT(service)));
    plan_add(applying, "%s %s dataset %s (contract %s %s)", old ? "~" : "+", layer,
             contract->dataset, contract->id, contract->version);
    return NULL;
}

static bool is_named(const struct folder *folder, const struct catalogue_datum *datum)
{
    const struct folder_dataset *dataset = folder_dataset_find(folder, datum->use, datum->name);
    return dataset && dataset->contract->number.major == datum->major;
}

static struct problem *retire_datasets(struct applying *applying)
{
    for (size_t i = 0; i < applying->old->datum_count; i++) {
        const struct catalogue_datum *datum = &applying->old->datums[i];
        if (datum->retired || is_named(applying->folder, datum))
            continue;
        const struct db_param in[] = { db_int64(datum->id) };
        TRY(db_none(applying->db, applying->arena, &sql_datum_retire, in, COUNT(in)));
        plan_add(applying, "- %s dataset %s version %d (its data is kept)", catalogue_layer(datum),
                 datum->name, datum->major);
    }
    return NULL;
}

/* A version put by hand over the control port stays current until the folder brings a new one. */
static bool is_overridden(const struct applying *applying, const struct pipeline_document *document)
{
    const struct catalogue_pipeline *current = catalogue_pipeline(applying->old, document->name);
    if (!current || strcmp(current->created_by, "folder") == 0)
        return false;
    for (size_t i = 0; i < applying->old->pipeline_count; i++)
        if (strcmp(applying->old->pipelines[i].sha256, document->sha256) == 0
            && strcmp(applying->old->pipelines[i].document.version, document->version) == 0)
            return true;
    return false;
}

static struct problem *retire_pipelines(struct applying *applying)
{
    for (size_t i = 0; i < applying->old->pipeline_count; i++) {
        const struct catalogue_pipeline *old = &applying->old->pipelines[i];
        bool named = false;
        for (size_t k = 0; k < applying->folder->pipeline_count; k++)
            named = named || strcmp(applying->folder->pipelines[k].name, old->document.name) == 0;
        if (!old->is_current || named || strcmp(old->created_by, "folder") != 0)
            continue;
        TRY(apply_pipeline_retired(applying->db, applying->arena, old->document.name));
        plan_add(applying, "- pipeline %s (its history is kept)", old->document.name);
    }
    return NULL;
}

static struct problem *apply_pipelines(struct applying *applying)
{
    struct arena *arena = applying->arena;
    const struct folder *folder = applying->folder;
    if (!folder->pipeline_count)
        return NULL;
    /* as the datasets are now, inside this transaction */
    const struct catalogue *now;
    TRY(catalogue_load(applying->db, arena, &now));
    CLEANUP(catalogue_release_at) const struct catalogue *held = now;
    for (size_t i = 0; i < folder->pipeline_count; i++) {
        const struct pipeline_document *document = &folder->pipelines[i];
        int64_t id;
        bool changed;
        if (is_overridden(applying, document))
            continue;
        struct problem *problem =
            apply_check(applying->db, arena, held, applying->pipeline_conninfo, document);
        if (!problem)
            problem = triggers_check(applying->db, arena, held, folder->pipelines,
                                     folder->pipeline_count, document);
        if (!problem)
            problem = apply_pipeline(applying->db, arena, document, "folder", &id, &changed);
        if (problem && problem->kind == &PROBLEM_STORE)
            return problem;
        if (problem)
            return problem_because(arena,
                                   problem_new(arena, problem->kind, "%s: %s",
                                               document->file ? document->file : document->name,
                                               problem->detail),
                                   "%s", problem_lines(arena, problem));
        if (changed)
            plan_add(applying, "%s pipeline %s %s",
                     catalogue_pipeline(applying->old, document->name) ? "~" : "+", document->name,
                     document->version);
    }
    return NULL;
}

static struct problem *apply_all(struct db *db, struct arena *arena, void *context)
{
    struct applying *applying = context;
    bool locked;
    const struct db_column out[] = { db_to_bool(&locked) };
    applying->plan = (struct apply_plan){ 0 };
    faults_init(&applying->faults, arena, 100);
    TRY(db_one(db, arena, &sql_apply_lock, NULL, 0, out, COUNT(out)));
    const struct catalogue *old;
    TRY(catalogue_load(db, arena, &old));
    CLEANUP(catalogue_release_at) const struct catalogue *held = old;
    applying->old = held;
    TRY(apply_product(applying));
    for (size_t i = 0; i < applying->folder->dataset_count; i++)
        TRY(apply_dataset(applying, &applying->folder->datasets[i]));
    TRY(faults_problem(&applying->faults, &PROBLEM_INVALID_DOCUMENT,
                       "the folder cannot be applied to what is published"));
    TRY(retire_datasets(applying));
    TRY(apply_pipelines(applying));
    TRY(retire_pipelines(applying));
    if (!applying->plan.count)
        return NULL;
    int64_t revision;
    bool told;
    const struct db_column bump[] = { db_to_int64(&revision), db_to_bool(&told) };
    return db_one(db, arena, &sql_catalogue_bump, NULL, 0, bump, COUNT(bump));
}

struct problem *apply_folder(struct db *db, struct arena *arena, const struct folder *folder,
                             const char *pipeline_conninfo, struct apply_plan *out_plan)
{
    struct applying applying = {
        .db = db, .arena = arena, .folder = folder, .pipeline_conninfo = pipeline_conninfo
    };
    TRY(db_transact(db, arena, apply_all, &applying));
    *out_plan = applying.plan;
    return NULL;
}
