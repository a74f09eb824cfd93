#include "folder_parts.h"

#include "server/base/text.h"

#include <stdlib.h>
#include <string.h>

#define FAULTS 1000 /* kept; more are counted */

const struct folder_limits folder_limits_usual = {
    .file_bytes = DOCUMENT_BYTES,
    .total_bytes = 16 * (size_t)DOCUMENT_BYTES,
    .files = 500,
};

enum folder_part {
    PART_OTHER,  /* not ours, and not in a place of ours: a README, data */
    PART_UNREAD, /* looks as if it were meant to be read */
    PART_PRODUCT,
    PART_CONTRACT,
    PART_PIPELINE,
    PART_SQL,
    PART_ACCESS,
    PART_SOURCES
};

static bool ends(const char *text, const char *end)
{
    size_t size = strlen(text);
    size_t end_size = strlen(end);
    return size > end_size && strcmp(text + size - end_size, end) == 0;
}

static enum folder_part part_of(const char *name)
{
    if (strcmp(name, "product.odps.yaml") == 0)
        return PART_PRODUCT;
    if (strcmp(name, "access.yaml") == 0)
        return PART_ACCESS;
    if (strcmp(name, "sources.yaml") == 0)
        return PART_SOURCES;
    if (text_starts(name, "contracts/"))
        return ends(name, ".odcs.yaml") && !strchr(name + strlen("contracts/"), '/') ? PART_CONTRACT
                                                                                     : PART_UNREAD;
    if (text_starts(name, "pipelines/") && !strchr(name + strlen("pipelines/"), '/'))
        return ends(name, ".yaml") ? PART_PIPELINE : ends(name, ".sql") ? PART_SQL : PART_UNREAD;
    if (text_starts(name, "pipelines/") || ends(name, ".yaml") || ends(name, ".yml")
        || ends(name, ".sql"))
        return PART_UNREAD;
    return PART_OTHER;
}

bool folder_reads(const char *name)
{
    return part_of(name) > PART_UNREAD;
}

static const struct node *parse(struct folder_parts *parts, const struct folder_file *file)
{
    const struct document_text source = { file->name, file->text, file->size, DOCUMENT_YAML };
    if (!file->text)
        return NULL; /* told when it was read */
    return document_parse(parts->arena, &source, file->size, parts->faults);
}

static void read_contract(struct folder_parts *parts, const struct folder_file *file)
{
    struct folder_contract *contract = &parts->contracts[parts->contract_count++];
    contract->root = parse(parts, file);
    if (!contract->root)
        return;
    contract->right =
        contract_read(parts->arena, contract->root, &contract->contract, parts->faults);
}

static void read_pipeline(struct folder_parts *parts, const struct folder_file *file,
                          const struct pipeline_files *sql)
{
    const struct node *root = parse(parts, file);
    struct pipeline_document *pipeline = &parts->pipelines[parts->pipeline_count];
    if (!root)
        return;
    (void)pipeline_document_read(parts->arena, root, sql, pipeline, parts->faults);
    if (!pipeline->name)
        return; /* the faults tell */
    const char *wanted = arena_print(parts->arena, "pipelines/%s.yaml", pipeline->name);
    if (strcmp(wanted, file->name) != 0)
        node_fault(parts->faults, node_member(root, "name"),
                   "the pipeline %s must be in the file %s", pipeline->name, wanted);
    parts->pipeline_count++;
}

/* The file is there for a later version: only its absence of sources is understood. */
static void read_sources(struct folder_parts *parts, const struct folder_file *file)
{
    const struct node *root = parse(parts, file);
    if (!root || root->kind == NODE_NULL)
        return;
    const struct node *list = root->kind == NODE_OBJECT ? node_member(root, "sources") : root;
    bool empty = list && (list->kind == NODE_LIST || list->kind == NODE_NULL) && !list->count
                 && (list == root || root->count == 1);
    if (!empty)
        node_fault(
            parts->faults, root,
            "sources are not supported by this version; leave the file out, and deliver data "
            "to /input");
}

/* The SQL files beside the pipelines, under their plain names. */
static struct pipeline_files sql_files(struct folder_parts *parts, const struct folder_files *files)
{
    struct document_text *list = arena_array_of(parts->arena, struct document_text, files->count);
    struct pipeline_files sql = { .list = list };
    for (size_t i = 0; i < files->count; i++) {
        const struct folder_file *file = &files->list[i];
        if (part_of(file->name) != PART_SQL || !file->text)
            continue;
        if (!text_is_utf8(file->text, file->size) || memchr(file->text, 0, file->size)) {
            faults_add(parts->faults, file->name, 0, NULL,
                       "it is no text: it must be UTF-8 without NUL bytes");
            continue;
        }
        list[sql.count++] = (struct document_text){
            .file = file->name + strlen("pipelines/"),
            .text = arena_copy(parts->arena, file->text, file->size),
            .size = file->size,
        };
    }
    return sql;
}

static void read_file(struct folder_parts *parts, const struct folder_file *file,
                      const struct pipeline_files *sql)
{
    const struct node *root;
    switch (part_of(file->name)) {
    case PART_PRODUCT:
        parts->product_root = parse(parts, file);
        if (parts->product_root) /* the faults tell */
            (void)product_read(parts->arena, parts->product_root, &parts->product, parts->faults);
        break;
    case PART_CONTRACT:
        read_contract(parts, file);
        break;
    case PART_PIPELINE:
        read_pipeline(parts, file, sql);
        break;
    case PART_ACCESS:
        root = parse(parts, file);
        if (root) /* the faults tell */
            (void)access_read(parts->arena, root, &parts->access, parts->faults);
        break;
    case PART_SOURCES:
        read_sources(parts, file);
        break;
    case PART_UNREAD:
        faults_add(parts->warnings, file->name, 0, NULL,
                   "is not read: contracts are contracts/NAME.odcs.yaml, pipelines are "
                   "pipelines/NAME.yaml and .sql files beside them");
        break;
    case PART_SQL:
    case PART_OTHER:
        break;
    }
}

static const struct folder_file *file_find(const struct folder_files *files, const char *name)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->list[i].name, name) == 0)
            return &files->list[i];
    return NULL;
}

static void warn_unused_sql(struct folder_parts *parts, const struct pipeline_files *sql)
{
    for (size_t i = 0; i < sql->count; i++) {
        bool used = false;
        for (size_t p = 0; p < parts->pipeline_count; p++)
            for (size_t s = 0; s < parts->pipelines[p].step_count; s++) {
                const char *name = parts->pipelines[p].steps[s].sql_file;
                used = used || (name && strcmp(name, sql->list[i].file) == 0);
            }
        if (!used)
            faults_add(parts->warnings,
                       arena_print(parts->arena, "pipelines/%s", sql->list[i].file), 0, NULL,
                       "no step of a pipeline names it as its sql_file");
    }
}

static int by_name(const void *left, const void *right)
{
    const struct pipeline_document *a = left;
    const struct pipeline_document *b = right;
    return strcmp(a->name, b->name);
}

static void clear_contracts(struct folder_parts *parts)
{
    for (size_t i = 0; i < parts->contract_count; i++)
        if (parts->contracts[i].right)
            contract_clear(&parts->contracts[i].contract);
}

/* Make the folder out of parts that were all found right. */
static void fill(struct folder_parts *parts, const struct folder_files *files,
                 struct folder *out_folder)
{
    struct contract *contracts =
        arena_array_of(parts->arena, struct contract, parts->contract_count);
    for (size_t i = 0; i < parts->contract_count; i++)
        contracts[i] = parts->contracts[i].contract;
    for (size_t i = 0; i < parts->dataset_count; i++) /* they point into parts until here */
        for (size_t c = 0; c < parts->contract_count; c++)
            if (parts->datasets[i].contract == &parts->contracts[c].contract) {
                parts->datasets[i].contract = &contracts[c];
                break;
            }
    qsort(parts->pipelines, parts->pipeline_count, sizeof *parts->pipelines, by_name);
    *out_folder = (struct folder){
        .files = *files,
        .product = parts->product,
        .contracts = contracts,
        .contract_count = parts->contract_count,
        .datasets = parts->datasets,
        .dataset_count = parts->dataset_count,
        .pipelines = parts->pipelines,
        .pipeline_count = parts->pipeline_count,
        .access = parts->access,
    };
}

struct problem *folder_check_files(struct arena *arena, const struct folder_files *files,
                                   struct faults *faults, struct faults *warnings,
                                   struct folder *out_folder)
{
    struct folder_parts parts = {
        .arena = arena,
        .faults = faults,
        .warnings = warnings,
        .contracts = arena_array_of(arena, struct folder_contract, files->count),
        .pipelines = arena_array_of(arena, struct pipeline_document, files->count),
    };
    if (!file_find(files, "product.odps.yaml"))
        return problem_new(arena, &PROBLEM_START,
                           "there is no product.odps.yaml, so this is not the folder of a product; "
                           "`entrepot init NEW_FOLDER` writes a small one that runs");
    const struct pipeline_files sql = sql_files(&parts, files);
    for (size_t i = 0; i < files->count; i++)
        read_file(&parts, &files->list[i], &sql);
    if (!file_find(files, "access.yaml"))
        (void)access_read(arena, NULL, &parts.access, faults); /* none cannot be wrong */
    folder_cross_check(&parts);
    warn_unused_sql(&parts, &sql);
    faults_sort(warnings);
    if (!faults->count) {
        fill(&parts, files, out_folder);
        return NULL;
    }
    clear_contracts(&parts);
    faults_sort(faults);
    return faults_problem(faults, &PROBLEM_INVALID_DOCUMENT, "the folder has %d fault%s",
                          faults->count, faults->count == 1 ? "" : "s");
}

struct problem *folder_check(struct arena *arena, const struct folder_files *files,
                             struct faults *warnings, struct folder *out_folder)
{
    struct faults faults;
    faults_init(&faults, arena, FAULTS);
    return folder_check_files(arena, files, &faults, warnings, out_folder);
}

void folder_clear(struct folder *folder)
{
    if (!folder)
        return;
    for (size_t i = 0; i < folder->contract_count; i++) /* const for readers, ours to clear */
        contract_clear((struct contract *)&folder->contracts[i]);
    folder->contract_count = 0;
}

const struct folder_dataset *folder_dataset_find(const struct folder *folder, enum contract_use use,
                                                 const char *name)
{
    for (size_t i = 0; i < folder->dataset_count; i++)
        if (folder->datasets[i].use == use && strcmp(folder->datasets[i].port->name, name) == 0)
            return &folder->datasets[i];
    return NULL;
}
