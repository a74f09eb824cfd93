#include "support.h"

#include <endian.h>
#include <string.h>

int64_t support_number(struct db *db, struct arena *arena, const char *sql)
{
    const struct db_query query = { .text = sql };
    const struct db_value *row;
    size_t columns;
    int64_t number = 0;
    MUST(db_stream_begin(db, arena, &query));
    MUST(db_stream_next(db, arena, &row, &columns));
    ck_assert_ptr_nonnull(row);
    ck_assert_int_eq(row->size, 8);
    memcpy(&number, row->data, sizeof number);
    MUST(db_stream_next(db, arena, &row, &columns));
    ck_assert_ptr_null(row);
    return (int64_t)be64toh((uint64_t)number);
}

void support_terminate(struct arena *arena, int pid)
{
    CLEANUP(db_close_at) struct db *db = db_open(harness_conninfo(), "terminator");
    const char *sql = arena_print(arena, "SELECT pg_terminate_backend(%d, 10000)::int::int8", pid);
    ck_assert_int_eq(support_number(db, arena, sql), 1);
}
