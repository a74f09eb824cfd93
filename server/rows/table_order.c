#include "table_order.h"

/* By a bitmap an index is still of use: what it finds is read in the order of the table. */
static const char settings[] = "SET LOCAL enable_indexscan = off;"
                               "SET LOCAL enable_indexonlyscan = off;"
                               "SET LOCAL max_parallel_workers_per_gather = 0";

struct problem *table_order_begin(struct db *db, struct arena *arena)
{
    TRY(db_begin(db, arena, true));
    return db_run(db, arena, settings);
}

struct problem *table_order_begin_sorted(struct db *db, struct arena *arena)
{
    TRY(db_begin(db, arena, true));
    return db_run(db, arena, "SET LOCAL max_parallel_workers_per_gather = 2");
}
