#include "set.h"

#include "server/base/buffer.h"
#include "server/base/digest.h"
#include "server/rows/visible.h"

#include <string.h>

static const struct contract *contract_of(const struct catalogue_datum *datum)
{
    const struct catalogue_snapshot *current =
        datum->current ? catalogue_snapshot(datum, datum->current) : NULL;
    return current ? current->contract : datum->contract;
}

struct problem *set_find(struct request *rq, const char *name, struct set *out_set)
{
    struct set set;
    struct access_decision decision;
    const char *number;
    TRY(server_dataset(rq, CONTRACT_OF_OUTPUT, name, ACCESS_READ, &set.datum, &decision));
    set.columns =
        visible_columns(rq->arena, &contract_of(set.datum)->columns, &decision, true, &number);
    set.key = columns_key(rq->arena, &set.columns);
    set.fingerprint = decision.fingerprint;
    *out_set = set;
    return NULL;
}

const struct set *sets_list(struct request *rq, size_t *out_count)
{
    const struct catalogue *catalogue = server_catalogue(rq);
    struct set *list = arena_array_of(rq->arena, struct set, catalogue->datum_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < catalogue->datum_count; i++) {
        const struct catalogue_datum *datum = &catalogue->datums[i];
        if (datum->retired || catalogue_datum(catalogue, CONTRACT_OF_OUTPUT, datum->name) != datum)
            continue;
        /* what the subject may not read, or sees nothing of, is not there for it */
        if (!set_find(rq, datum->name, &list[count]) && list[count].columns.count)
            count++;
    }
    *out_count = count;
    return list;
}

const char *sets_etag(struct request *rq, const char *document)
{
    CLEANUP(buffer_clear) struct buffer seen = { 0 };
    size_t count;
    const struct set *sets = sets_list(rq, &count);
    for (size_t i = 0; i < count; i++)
        buffer_print(&seen, "%s=%s\n", sets[i].datum->name, sets[i].fingerprint);
    buffer_add_text(&seen, document);
    return arena_print(rq->arena, "%s-%.16s", server_etag(rq, "odata"),
                       digest_sha256_hex(rq->arena, seen.data, seen.size));
}

bool set_split(struct arena *arena, const char *segment, const char **out_name,
               const char **out_key)
{
    size_t name = strcspn(segment, "(");
    size_t size = strlen(segment);
    *out_name = arena_copy(arena, segment, name);
    *out_key = NULL;
    if (name == size)
        return true;
    if (segment[size - 1] != ')' || size - name < 3)
        return false;
    *out_key = arena_copy(arena, segment + name + 1, size - name - 2);
    return true;
}

const char *set_key_of_segment(struct arena *arena, const struct set *set, const char *segment)
{
    if (set->key.count != 1 || set->key.list[0].type != COLUMN_TEXT)
        return segment;
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    buffer_add_char(&text, '\'');
    for (; *segment; segment++) {
        if (*segment == '\'')
            buffer_add_char(&text, '\'');
        buffer_add_char(&text, *segment);
    }
    buffer_add_char(&text, '\'');
    return arena_copy(arena, text.data, text.size);
}
