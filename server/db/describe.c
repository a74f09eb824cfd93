#include "connection.h"

#include "sql.h"

struct naming {
    struct db_described *columns;
    const char *type;
    size_t count;
};

static struct problem *name_next(void *context)
{
    struct naming *naming = context;
    naming->columns[naming->count++].type = naming->type;
    return NULL;
}

/* The unnamed statement, prepared and described: Postgres analyses it and goes no further. */
static struct problem *analyse(struct db *db, struct arena *arena, const char *sql,
                               PGresult **out_result)
{
    TRY(connection_ready(db, arena));
    CLEANUP(PQclear_at)
    PGresult *prepared = connection_result(db, PQsendPrepare(db->connection, "", sql, 0, NULL));
    if (PQresultStatus(prepared) != PGRES_COMMAND_OK)
        return connection_failed(db, arena, prepared);
    CLEANUP(PQclear_at)
    PGresult *described = connection_result(db, PQsendDescribePrepared(db->connection, ""));
    if (PQresultStatus(described) != PGRES_COMMAND_OK)
        return connection_failed(db, arena, described);
    connection_settle(db);
    *out_result = TAKE(described);
    return NULL;
}

struct problem *db_describe(struct db *db, struct arena *arena, const char *sql,
                            const struct db_described **out_columns, size_t *out_count)
{
    CLEANUP(PQclear_at) PGresult *result = NULL;
    TRY(analyse(db, arena, sql, &result));
    size_t count = (size_t)PQnfields(result);
    struct naming naming = { .columns = arena_array_of(arena, struct db_described, count) };
    int64_t *oids = arena_array_of(arena, int64_t, count);
    int64_t *modifiers = arena_array_of(arena, int64_t, count);
    for (size_t i = 0; i < count; i++) {
        naming.columns[i].name = arena_text(arena, PQfname(result, (int)i));
        naming.columns[i].type_oid = PQftype(result, (int)i);
        oids[i] = PQftype(result, (int)i);
        modifiers[i] = PQfmod(result, (int)i);
    }
    const struct db_param in[] = { db_int64s(oids, count), db_int64s(modifiers, count) };
    const struct db_column out[] = { db_to_text(&naming.type) };
    TRY(db_each(db, arena, &sql_type_names, in, COUNT(in), out, COUNT(out), name_next, &naming));
    *out_columns = naming.columns;
    *out_count = count;
    return NULL;
}
