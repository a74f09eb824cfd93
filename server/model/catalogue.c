#include "catalogue.h"

#include "relation.h"
#include "server/base/text.h"
#include "sql.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* The catalogue and what must be kept to free it. */
struct kept {
    struct catalogue catalogue; /* first, so that a pointer to it is one to this */
    struct arena *arena;
    struct catalogue_contract *contracts;
    atomic_int references;
};

struct catalogue_cell {
    pthread_mutex_t lock;
    const struct catalogue *newest;
};

/* While it is read: the catalogue under construction. */
struct loading {
    struct db *db;
    struct arena *arena; /* of the catalogue */
    struct arena *scratch;
    struct kept *kept;
};

static struct problem *not_understood(struct loading *loading, const char *what, const char *name,
                                      const struct faults *faults)
{
    struct problem *why =
        faults_problem(faults, &PROBLEM_INTERNAL, "the stored %s %s is not understood", what, name);
    return why ? why
               : problem_new(loading->scratch, &PROBLEM_INTERNAL,
                             "the stored %s %s is not understood", what, name);
}

struct product_row {
    int64_t id;
    const char *product_id, *name, *version, *kind, *descriptor, *descriptor_sha256, *access;
    const char *access_sha256, *domain;
    bool open_discovery;
};

static struct problem *parse_product(struct loading *loading, const struct product_row *row)
{
    struct catalogue *catalogue = &loading->kept->catalogue;
    struct faults faults;
    faults_init(&faults, loading->scratch, 20);
    const struct document_text descriptor = { NULL, row->descriptor, strlen(row->descriptor),
                                              DOCUMENT_JSON };
    const struct node *root = document_parse(loading->arena, &descriptor, SIZE_MAX, &faults);
    if (!root || !product_read(loading->arena, root, &catalogue->product, &faults))
        return not_understood(loading, "descriptor", row->product_id, &faults);
    const struct document_text access = { NULL, row->access, strlen(row->access), DOCUMENT_JSON };
    root = document_parse(loading->arena, &access, SIZE_MAX, &faults);
    if (!root
        || !access_read(loading->arena, root->count ? root : NULL, &catalogue->access, &faults))
        return not_understood(loading, "access document of", row->product_id, &faults);
    catalogue->has_product = true;
    return NULL;
}

static struct problem *load_product(struct loading *loading)
{
    struct product_row row = { 0 };
    bool found;
    const struct db_column out[] = {
        db_to_int64(&row.id),        db_to_text(&row.product_id),
        db_to_text(&row.name),       db_to_text(&row.version),
        db_to_text(&row.kind),       db_to_bool(&row.open_discovery),
        db_to_text(&row.descriptor), db_to_text(&row.descriptor_sha256),
        db_to_text(&row.access),     db_to_text(&row.access_sha256),
        db_to_text(&row.domain),     db_to_time(&loading->kept->catalogue.applied_at),
    };
    TRY(db_maybe(loading->db, loading->arena, &sql_catalogue_product, NULL, 0, out, COUNT(out),
                 &found));
    return found ? parse_product(loading, &row) : NULL;
}

struct contract_rows {
    struct loading *loading;
    const char *id, *version, *sha256, *document;
};

static struct problem *add_contract(void *context)
{
    struct contract_rows *row = context;
    struct loading *loading = row->loading;
    struct catalogue *catalogue = &loading->kept->catalogue;
    struct faults faults;
    faults_init(&faults, loading->scratch, 20);
    loading->kept->contracts =
        arena_grown(loading->arena, loading->kept->contracts, catalogue->contract_count,
                    sizeof *loading->kept->contracts);
    struct catalogue_contract *added = &loading->kept->contracts[catalogue->contract_count];
    const struct document_text source = { NULL, row->document, strlen(row->document),
                                          DOCUMENT_JSON };
    if (!contract_parse(loading->arena, &source, &added->contract, &faults))
        return not_understood(loading, "contract", row->id, &faults);
    added->version = row->version;
    catalogue->contracts = loading->kept->contracts;
    catalogue->contract_count++;
    return NULL;
}

static struct problem *load_contracts(struct loading *loading)
{
    struct contract_rows row = { .loading = loading };
    const struct db_column out[] = { db_to_text(&row.id), db_to_text(&row.version),
                                     db_to_text(&row.sha256), db_to_text(&row.document) };
    return db_each(loading->db, loading->arena, &sql_catalogue_contracts, NULL, 0, out, COUNT(out),
                   add_contract, &row);
}

struct datum_rows {
    struct loading *loading;
    struct catalogue_datum *list;
    size_t count;
    struct catalogue_datum datum;
    int32_t major;
    const char *layer, *mode, *contract_id, *contract_version;
};

static enum contract_mode mode_by_name(const char *name)
{
    enum contract_mode mode = CONTRACT_APPEND;
    while (mode < CONTRACT_UPSERT && strcmp(contract_mode_name(mode), name) != 0)
        mode++;
    return mode;
}

static struct problem *add_datum(void *context)
{
    struct datum_rows *row = context;
    struct loading *loading = row->loading;
    row->list = arena_grown(loading->arena, row->list, row->count, sizeof *row->list);
    struct catalogue_datum *added = &row->list[row->count++];
    *added = row->datum;
    added->use = strcmp(row->layer, "input") == 0 ? CONTRACT_OF_INPUT : CONTRACT_OF_OUTPUT;
    added->major = row->major;
    added->mode = mode_by_name(row->mode);
    added->contract =
        catalogue_contract(&loading->kept->catalogue, row->contract_id, row->contract_version);
    if (!added->contract)
        return problem_new(loading->scratch, &PROBLEM_INTERNAL, "dataset %s has no contract",
                           added->name);
    return NULL;
}

static struct problem *load_datums(struct loading *loading, struct datum_rows *row)
{
    const struct db_column out[] = {
        db_to_int64(&row->datum.id),
        db_to_text(&row->layer),
        db_to_text(&row->datum.name),
        db_to_int32(&row->major),
        db_to_text(&row->mode),
        db_to_int64_or(&row->datum.current, 0),
        db_to_bool(&row->datum.retired),
        db_to_int64(&row->datum.contract_key),
        db_to_text(&row->contract_id),
        db_to_text(&row->contract_version),
        db_to_time(&row->datum.created_at),
    };
    TRY(db_each(loading->db, loading->arena, &sql_catalogue_datums, NULL, 0, out, COUNT(out),
                add_datum, row));
    loading->kept->catalogue.datums = row->list;
    loading->kept->catalogue.datum_count = row->count;
    return NULL;
}

struct snapshot_rows {
    struct loading *loading;
    struct datum_rows *datums;
    struct catalogue_snapshot *list;
    size_t count;
    struct catalogue_snapshot snapshot;
    int64_t datum_id;
    const char *contract_id, *contract_version, *segments;
};

static const int64_t *parse_segments(struct arena *arena, const char *text, size_t *out_count)
{
    char **words = text_split(arena, text, ",");
    size_t count = 0;
    while (words[count])
        count++;
    int64_t *segments = arena_array_of(arena, int64_t, count);
    for (size_t i = 0; i < count; i++) {
        bool number = text_to_int64(words[i], &segments[i]);
        assert(number);
    }
    *out_count = count;
    return segments;
}

static struct problem *add_snapshot(void *context)
{
    struct snapshot_rows *row = context;
    struct loading *loading = row->loading;
    struct arena *arena = loading->arena;
    struct catalogue_datum *datum = row->datums->list;
    while (datum->id != row->datum_id) /* a foreign key says it is there */
        datum++;
    row->snapshot.contract =
        catalogue_contract(&loading->kept->catalogue, row->contract_id, row->contract_version);
    row->snapshot.segments =
        parse_segments(arena, row->segments ? row->segments : "", &row->snapshot.segment_count);
    /* rows come ordered by dataset: a new dataset begins a new list */
    row->list = arena_grown(arena, row->list, datum->snapshot_count, sizeof *row->list);
    row->list[datum->snapshot_count++] = row->snapshot;
    datum->snapshots = row->list;
    return NULL;
}

static struct problem *load_snapshots(struct loading *loading, struct datum_rows *datums)
{
    struct snapshot_rows row = { .loading = loading, .datums = datums };
    const struct db_column out[] = {
        db_to_int64(&row.snapshot.id),          db_to_int64(&row.datum_id),
        db_to_int64(&row.snapshot.number),      db_to_bool(&row.snapshot.retired),
        db_to_int64(&row.snapshot.rows),        db_to_int64(&row.snapshot.bytes),
        db_to_text(&row.snapshot.sha256),       db_to_int64(&row.snapshot.run_id),
        db_to_text(&row.contract_id),           db_to_text(&row.contract_version),
        db_to_time(&row.snapshot.published_at), db_to_text(&row.segments),
    };
    return db_each(loading->db, loading->arena, &sql_catalogue_snapshots, NULL, 0, out, COUNT(out),
                   add_snapshot, &row);
}

struct pipeline_rows {
    struct loading *loading;
    struct catalogue_pipeline *list;
    size_t count;
    struct catalogue_pipeline pipeline;
    const char *name, *version, *document;
};

static struct problem *add_pipeline(void *context)
{
    struct pipeline_rows *row = context;
    struct loading *loading = row->loading;
    row->list = arena_grown(loading->arena, row->list, row->count, sizeof *row->list);
    struct catalogue_pipeline *added = &row->list[row->count];
    *added = row->pipeline;
    const struct document_text source = { NULL, row->document, strlen(row->document),
                                          DOCUMENT_JSON };
    TRY(pipeline_document_parse(loading->arena, &source, &added->document));
    row->count++;
    return NULL;
}

static struct problem *load_pipelines(struct loading *loading)
{
    struct pipeline_rows row = { .loading = loading };
    const struct db_column out[] = {
        db_to_int64(&row.pipeline.id),
        db_to_text(&row.name),
        db_to_text(&row.version),
        db_to_text(&row.pipeline.sha256),
        db_to_text(&row.document),
        db_to_bool(&row.pipeline.is_current),
        db_to_time(&row.pipeline.created_at),
        db_to_text(&row.pipeline.created_by),
    };
    TRY(db_each(loading->db, loading->arena, &sql_catalogue_workflows, NULL, 0, out, COUNT(out),
                add_pipeline, &row));
    loading->kept->catalogue.pipelines = row.list;
    loading->kept->catalogue.pipeline_count = row.count;
    return NULL;
}

static struct problem *load_all(struct loading *loading)
{
    const struct db_column out[] = { db_to_int64(&loading->kept->catalogue.revision) };
    struct datum_rows datums = { .loading = loading };
    TRY(db_one(loading->db, loading->arena, &sql_catalogue_revision, NULL, 0, out, COUNT(out)));
    TRY(load_product(loading));
    TRY(load_contracts(loading));
    TRY(load_datums(loading, &datums));
    TRY(load_snapshots(loading, &datums));
    return load_pipelines(loading);
}

/* One state of the database for all statements, whether or not the caller began a transaction. */
static struct problem *load_in_one_state(struct loading *loading)
{
    if (db_in_transaction(loading->db))
        return load_all(loading);
    TRY(db_begin(loading->db, loading->scratch, true));
    struct problem *problem =
        db_run(loading->db, loading->scratch, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    if (!problem)
        problem = load_all(loading);
    if (problem) {
        db_rollback(loading->db);
        return problem;
    }
    return db_commit(loading->db, loading->scratch);
}

struct problem *catalogue_load(struct db *db, struct arena *arena,
                               const struct catalogue **out_catalogue)
{
    struct arena *own = arena_new(64 * 1024);
    struct kept *kept = arena_new_of(own, struct kept);
    kept->arena = own;
    atomic_init(&kept->references, 1);
    struct loading loading = { .db = db, .arena = own, .scratch = arena, .kept = kept };
    struct problem *problem = load_in_one_state(&loading);
    if (problem) {
        /* the problem may live in the arena that goes now */
        struct problem *copy = problem_new(arena, problem->kind, "%s", problem->detail);
        copy->cause = arena_text(arena, problem->cause);
        if (!copy->cause && problem->faults)
            copy->cause = arena_text(arena, problem_lines(arena, problem));
        catalogue_release(&kept->catalogue);
        return copy;
    }
    *out_catalogue = &kept->catalogue;
    return NULL;
}

struct catalogue_cell *catalogue_cell_new(void)
{
    struct catalogue_cell *cell = calloc(1, sizeof *cell);
    if (!cell || pthread_mutex_init(&cell->lock, NULL))
        abort();
    return cell;
}

void catalogue_cell_free(struct catalogue_cell *cell)
{
    if (!cell)
        return;
    catalogue_release(cell->newest);
    (void)pthread_mutex_destroy(&cell->lock); /* nobody holds it any more */
    free(cell);
}

const struct catalogue *catalogue_acquire(struct catalogue_cell *cell)
{
    (void)pthread_mutex_lock(&cell->lock); /* a plain mutex used rightly does not fail */
    const struct catalogue *catalogue = cell->newest;
    if (catalogue)
        atomic_fetch_add(&((struct kept *)(uintptr_t)catalogue)->references, 1);
    (void)pthread_mutex_unlock(&cell->lock);
    return catalogue;
}

void catalogue_release(const struct catalogue *catalogue)
{
    if (!catalogue)
        return;
    struct kept *kept = (struct kept *)(uintptr_t)catalogue;
    if (atomic_fetch_sub(&kept->references, 1) != 1)
        return;
    for (size_t i = 0; i < catalogue->contract_count; i++)
        contract_clear(&kept->contracts[i].contract);
    arena_free(kept->arena);
}

/* Put a catalogue in its place, unless another thread has put a newer one there meanwhile. */
static void cell_put(struct catalogue_cell *cell, const struct catalogue *catalogue)
{
    (void)pthread_mutex_lock(&cell->lock);
    const struct catalogue *old = cell->newest;
    if (!old || old->revision < catalogue->revision) {
        cell->newest = catalogue;
        catalogue = old;
    }
    (void)pthread_mutex_unlock(&cell->lock);
    catalogue_release(catalogue);
}

struct problem *catalogue_refresh(struct catalogue_cell *cell, struct db *db, struct arena *arena,
                                  bool *out_changed)
{
    int64_t revision;
    const struct db_column out[] = { db_to_int64(&revision) };
    TRY(db_one(db, arena, &sql_catalogue_revision, NULL, 0, out, COUNT(out)));
    CLEANUP(catalogue_release_at) const struct catalogue *now = catalogue_acquire(cell);
    *out_changed = !now || now->revision != revision;
    if (!*out_changed)
        return NULL;
    const struct catalogue *next;
    TRY(catalogue_load(db, arena, &next));
    cell_put(cell, next);
    return NULL;
}

const struct catalogue_datum *catalogue_datum(const struct catalogue *catalogue,
                                              enum contract_use use, const char *name)
{
    const struct catalogue_datum *found = NULL;
    for (size_t i = 0; i < catalogue->datum_count; i++) {
        const struct catalogue_datum *datum = &catalogue->datums[i];
        if (datum->use == use && !datum->retired && strcmp(datum->name, name) == 0
            && (!found || found->major < datum->major))
            found = datum;
    }
    return found;
}

const struct catalogue_snapshot *catalogue_snapshot(const struct catalogue_datum *datum,
                                                    int64_t number)
{
    for (size_t i = datum->snapshot_count; i-- > 0;)
        if (datum->snapshots[i].number == number)
            return &datum->snapshots[i];
    return NULL;
}

const struct catalogue_pipeline *catalogue_pipeline(const struct catalogue *catalogue,
                                                    const char *name)
{
    for (size_t i = catalogue->pipeline_count; i-- > 0;)
        if (catalogue->pipelines[i].is_current
            && strcmp(catalogue->pipelines[i].document.name, name) == 0)
            return &catalogue->pipelines[i];
    return NULL;
}

const struct contract *catalogue_contract(const struct catalogue *catalogue, const char *id,
                                          const char *version)
{
    for (size_t i = 0; i < catalogue->contract_count; i++)
        if (strcmp(catalogue->contracts[i].contract.id, id) == 0
            && strcmp(catalogue->contracts[i].version, version) == 0)
            return &catalogue->contracts[i].contract;
    return NULL;
}

const char *catalogue_layer(const struct catalogue_datum *datum)
{
    return datum->use == CONTRACT_OF_INPUT ? "input" : "output";
}
