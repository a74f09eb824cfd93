#include "contract.h"

#include "contract_column.h"
#include "contract_quality.h"
#include "custom.h"
#include "odcs.h"
#include "shape.h"

#include "server/base/digest.h"
#include "server/base/text.h"

#include <assert.h>
#include <string.h>

#define COLUMNS 500 /* in one dataset */

static const char *const modes[] = { "append", "replace", "upsert", NULL };

const char *contract_mode_name(enum contract_mode mode)
{
    assert(mode != CONTRACT_NO_MODE);
    return modes[mode - 1];
}

static void read_mode(const struct node *root, struct contract *contract, struct faults *faults)
{
    static const char *const bad_rows[] = { "reject", NULL };
    static const char *const known[] = { "entrepot.mode", "entrepot.badRows", "entrepot.volume",
                                         NULL };
    custom_check(root, known, faults);
    contract->mode = CONTRACT_REPLACE;
    int mode = custom_choice(root, "entrepot.mode", modes, faults);
    if (mode >= 0)
        contract->mode = (enum contract_mode)(mode + 1);
    (void)custom_choice(root, "entrepot.badRows", bad_rows, faults); /* there is one way so far */
}

static void read_identity(const struct node *root, struct contract *contract, struct faults *faults)
{
    contract->id = node_text(root, "id");
    contract->version = node_text(root, "version");
    contract->name = node_text(root, "name");
    contract->status = node_text(root, "status");
    if (contract->id && !shape_is_id(contract->id))
        node_fault(faults, node_member(root, "id"),
                   "an id is part of URLs: use 1 to 200 letters, digits, . _ ~ : and -");
    if (contract->version && !version_parse(contract->version, &contract->number))
        node_fault(faults, node_member(root, "version"),
                   "\"%s\" is no version; use MAJOR.MINOR.PATCH, such as 1.0.0", contract->version);
}

/* The one schema object, or NULL. */
static const struct node *find_object(const struct node *root, struct faults *faults)
{
    const struct node *schema = node_member(root, "schema");
    if (schema && schema->kind != NODE_LIST)
        return NULL; /* the shape has told */
    if (!schema || schema->count != 1) {
        node_fault(
            faults, schema ? schema : root,
            "a contract here describes exactly one dataset: schema needs one object, not %zu",
            schema ? schema->count : 0);
        return NULL;
    }
    return schema->first;
}

static void read_dataset(const struct node *root, const struct node *object,
                         struct contract *contract, struct faults *faults)
{
    const struct node *about = node_member(root, "description");
    contract->dataset = node_text(object, "name");
    contract->line = object->line;
    contract->title = node_text(object, "businessName");
    if (!contract->title)
        contract->title = contract->dataset;
    contract->description = node_text(object, "description");
    if (!contract->description)
        contract->description = node_text(about, "purpose");
    if (contract->dataset && !text_is_name(contract->dataset))
        node_fault(faults, node_member(object, "name"),
                   "\"%s\" cannot be the name of a dataset: names begin with a small letter, have "
                   "small letters, digits and _, and at most 48 of them",
                   contract->dataset);
    static const char *const none[] = { NULL };
    custom_check(object, none, faults);
}

/* Key columns have their places 1, 2, …; or none has, then they take them as they are written. */
static void place_key(const struct node *properties, struct column *columns, size_t count,
                      struct faults *faults)
{
    size_t placed = 0;
    size_t loose = 0;
    for (size_t i = 0; i < count; i++) {
        placed += columns[i].key_position > 0;
        loose += columns[i].key_position < 0;
    }
    if (placed && loose) {
        node_fault(faults, properties,
                   "give every column of the key a primaryKeyPosition, or none of them");
        return;
    }
    int next = 1;
    for (size_t i = 0; i < count; i++)
        if (columns[i].key_position < 0)
            columns[i].key_position = next++;
    for (size_t place = 1; place <= placed; place++) {
        size_t found = 0;
        for (size_t i = 0; i < count; i++)
            found += columns[i].key_position > 0 && (size_t)columns[i].key_position == place;
        if (found != 1) {
            node_fault(faults, properties,
                       "the key has %zu columns, so each place from 1 to %zu is taken once; place "
                       "%zu is taken %zu times",
                       placed, placed, place, found);
            return;
        }
    }
}

static void read_columns(struct arena *arena, const struct node *object, struct contract *contract,
                         struct faults *faults)
{
    const struct node *properties = node_member(object, "properties");
    if (properties && properties->kind != NODE_LIST)
        return; /* the shape has told */
    if (!properties || !properties->count || properties->count > COLUMNS) {
        node_fault(faults, properties ? properties : object,
                   "a dataset has 1 to %d columns: properties has %zu", COLUMNS,
                   properties ? properties->count : 0);
        return;
    }
    struct column *columns = arena_array_of(arena, struct column, properties->count);
    size_t count = 0;
    bool all = true;
    for (const struct node *property = properties->first; property; property = property->next) {
        struct column column;
        if (!odcs_property_is_right(arena, property)
            || !contract_column_read(arena, property, &column, faults)) {
            all = false;
            continue;
        }
        columns[count++] = column;
        contract->columns = (struct columns){ columns, count - 1 };
        if (columns_find(&contract->columns, column.name, false))
            node_fault(faults, property, "the dataset has a column %s already", column.name);
    }
    contract->columns = (struct columns){ columns, count };
    int before = faults->count;
    if (all)
        place_key(properties, columns, count, faults);
    if (all && faults->count == before)
        contract->key = columns_key(arena, &contract->columns);
}

bool contract_read(struct arena *arena, const struct node *root, struct contract *out_contract,
                   struct faults *faults)
{
    int before = faults->count;
    /* meaning is looked at even where the shape is wrong, so that all faults are told at once */
    if (!odcs_check(root, faults) && root->kind != NODE_OBJECT)
        return false;
    struct contract contract = { .file = root->file };
    read_identity(root, &contract, faults);
    const struct node *object = find_object(root, faults);
    if (object) {
        read_dataset(root, object, &contract, faults);
        read_columns(arena, object, &contract, faults);
    }
    read_mode(root, &contract, faults);
    if (faults->count == before)
        contract_quality_read(arena, root, object, &contract, &contract.rules, faults);
    if (faults->count == before && contract.mode == CONTRACT_UPSERT && !contract.key.count)
        node_fault(faults, object,
                   "entrepot.mode upsert needs a primary key: give columns "
                   "primaryKey: true");
    if (faults->count != before) {
        contract_clear(&contract);
        return false;
    }
    const char *canonical = node_canonical_json(arena, root);
    contract.json = node_json(arena, root);
    contract.sha256 = digest_sha256_hex(arena, canonical, strlen(canonical));
    *out_contract = contract;
    return true;
}

bool contract_parse(struct arena *arena, const struct document_text *source,
                    struct contract *out_contract, struct faults *faults)
{
    const struct node *root = document_parse(arena, source, DOCUMENT_BYTES, faults);
    return root && contract_read(arena, root, out_contract, faults);
}

void contract_clear(struct contract *contract)
{
    if (!contract)
        return;
    contract_quality_clear(&contract->rules);
    contract->rules = (struct quality_rules){ 0 };
    for (size_t i = 0; i < contract->columns.count; i++) /* const for readers, ours to free */
        pattern_free((struct pattern *)contract->columns.list[i].pattern);
    contract->columns = (struct columns){ NULL, 0 };
    contract->key = (struct columns){ NULL, 0 }; /* shares its patterns with columns */
}
