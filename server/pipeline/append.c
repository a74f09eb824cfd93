#include "append.h"

#include "server/base/buffer.h"
#include "server/base/digest.h"
#include "server/db/stream.h"
#include "server/formats/wire.h"
#include "server/model/relation.h"
#include "sql.h"

#include <string.h>

static const struct catalogue_snapshot *previous_of(const struct output_pin *output)
{
    return output->current ? catalogue_snapshot(output->datum, output->current) : NULL;
}

static const char *joined_digest(struct arena *arena, const char *before, const char *added)
{
    const char *both = arena_print(arena, "%s%s", before, added);
    return digest_sha256_hex(arena, both, strlen(both));
}

/* All rows before as one segment, with the columns of the contract in force. */
static struct problem *compact(struct run *run, const struct output_pin *output,
                               int64_t *out_segment)
{
    struct arena *arena = run->arena;
    struct db *db = run->services->owner;
    const struct contract *contract = output->datum->contract;
    const struct catalogue_snapshot *previous = previous_of(output);
    const struct db_param maker[] = { db_int64(run->job->id) };
    const struct db_column out[] = { db_to_int64(out_segment) };
    TRY(db_begin(db, arena, false));
    TRY(db_one(db, arena, &sql_segment_add, maker, COUNT(maker), out, COUNT(out)));
    TRY(db_run(db, arena, relation_create_segment(arena, *out_segment, &contract->columns)));
    TRY(db_run(db, arena,
               arena_print(arena, "INSERT INTO %s (%s) %s", relation_segment(arena, *out_segment),
                           relation_column_list(arena, &contract->columns),
                           inputs_select_output(arena, output))));
    if (contract->key.count)
        TRY(db_run(db, arena, relation_add_key(arena, *out_segment, &contract->key)));
    for (size_t i = 0; i < contract->columns.count; i++)
        if (contract->columns.list[i].unique && !contract->columns.list[i].key_position)
            TRY(db_run(db, arena,
                       relation_add_unique(arena, *out_segment, &contract->columns.list[i])));
    TRY(db_run(db, arena, relation_open_segment(arena, *out_segment)));
    const struct db_param filled[] = { db_int64(*out_segment), db_int64(previous->rows) };
    TRY(db_none(db, arena, &sql_segment_filled, filled, COUNT(filled)));
    return db_commit(db, arena);
}

struct problem *append_segments(struct run *run, const struct output_pin *output,
                                const struct made *made, struct appended *out_appended)
{
    struct arena *arena = run->arena;
    const struct catalogue_snapshot *previous = previous_of(output);
    size_t count = previous ? previous->segment_count : 0;
    int64_t *segments = arena_array_of(arena, int64_t, count + 1);
    struct appended appended = { segments, 1, made->rows, made->bytes, made->sha256 };
    bool grown = previous && previous->contract != output->datum->contract;
    if (count && (grown || count + 1 > APPEND_MOST_SEGMENTS)) {
        TRY(compact(run, output, &segments[0]));
        count = 1;
    } else if (count) {
        memcpy(segments, previous->segments, count * sizeof *segments);
    }
    segments[count] = made->segment_id;
    if (previous) {
        appended.segment_count = count + 1;
        appended.rows += previous->rows;
        appended.bytes += previous->bytes;
        appended.sha256 = joined_digest(arena, previous->sha256, made->sha256);
    }
    *out_appended = appended;
    return NULL;
}

/* How many rows of the new segment have a value of these columns that the dataset has already. */
static struct problem *count_known(struct run *run, const struct output_pin *output,
                                   const struct made *made, const struct columns *columns,
                                   int64_t *out_count)
{
    struct arena *arena = run->arena;
    CLEANUP(buffer_clear) struct buffer sql = { 0 };
    const struct db_value *row;
    size_t column_count;
    buffer_print(&sql, "SELECT count(*) FROM %s AS n WHERE EXISTS (SELECT FROM (%s) AS o WHERE ",
                 relation_segment(arena, made->segment_id), inputs_select_output(arena, output));
    for (size_t i = 0; i < columns->count; i++) {
        const char *name = db_identifier(arena, columns->list[i].name);
        buffer_print(&sql, "%sn.%s = o.%s", i ? " AND " : "", name, name);
    }
    buffer_add_char(&sql, ')');
    const struct db_query query = { arena_copy(arena, sql.data, sql.size), NULL, 0 };
    TRY(db_stream_begin(run->services->owner, arena, &query));
    TRY(db_stream_next(run->services->owner, arena, &row, &column_count));
    *out_count = row ? (int64_t)wire_get64(row[0].data) : 0;
    db_stream_stop(run->services->owner);
    return NULL;
}

static struct problem *check_new(struct run *run, const struct output_pin *output,
                                 const struct made *made, const struct columns *columns)
{
    int64_t known;
    TRY(count_known(run, output, made, columns, &known));
    if (!known)
        return NULL;
    return problem_new(
        run->arena, &PROBLEM_CONTRACT,
        "step %s: %lld of the rows to append have a value of %s that %s has already; "
        "select only new rows, or use mode merge",
        output->step->name, (long long)known, relation_column_list(run->arena, columns),
        output->datum->name);
}

struct problem *append_check(struct run *run, const struct output_pin *output,
                             const struct made *made)
{
    const struct contract *contract = output->datum->contract;
    if (!previous_of(output))
        return NULL;
    if (contract->key.count)
        TRY(check_new(run, output, made, &contract->key));
    for (size_t i = 0; i < contract->columns.count; i++) {
        const struct columns one = { &contract->columns.list[i], 1 };
        if (one.list->unique && !(contract->key.count == 1 && one.list->key_position))
            TRY(check_new(run, output, made, &one));
    }
    return NULL;
}
