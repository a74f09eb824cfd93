#include "product.h"

#include "server/db/migrate.h"
#include "sql.h"

#include <string.h>

const char product_orders[] =
    "apiVersion: v3.1.0\nkind: DataContract\nid: orders\nversion: 1.0.0\nstatus: active\n"
    "schema:\n  - name: orders\n    logicalType: object\n    properties:\n"
    "      - {name: id, logicalType: integer, required: true}\n"
    "      - {name: day, logicalType: date, required: true}\n"
    "      - {name: amount, logicalType: number, physicalType: 'numeric(12,2)'}\n";

const char product_days[] =
    "apiVersion: v3.1.0\nkind: DataContract\nid: days\nversion: 1.0.0\nstatus: active\n"
    "schema:\n  - name: days\n    logicalType: object\n    properties:\n"
    "      - {name: day, logicalType: date, required: true, primaryKey: true,\n"
    "         primaryKeyPosition: 1}\n"
    "      - {name: orders, logicalType: integer, required: true}\n"
    "      - {name: total, logicalType: number}\n";

const char product_sql[] =
    "SELECT day, count(*) AS orders, sum(amount) AS total FROM orders GROUP BY day";

static const char descriptor[] =
    "apiVersion: v1.0.0\nkind: DataProduct\nid: shop\nversion: 1.0.0\nstatus: active\n"
    "name: Shop\ndomain: sales\n"
    "inputPorts:\n  - {name: orders, version: 1.0.0, contractId: orders}\n"
    "outputPorts:\n  - {name: days, version: 1.0.0, contractId: days}\n";

struct product_place product_place_open(const char *name)
{
    struct product_place place = { .arena = arena_new(16 * 1024) };
    /* tests run in processes of their own, so their ids tell their databases apart */
    const char *conninfo =
        harness_empty_database(arena_print(place.arena, "%s_%d", name, (int)getpid()));
    char **words;
    int applied;
    MUST(roles_bootstrap(place.arena, conninfo, "/nonexistent", &place.roles));
    place.owner = db_open(place.roles.owner_conninfo, "product test");
    MUST(migrate(place.owner, place.arena, &applied));
    MUST(roles_grant_schemas(place.owner, place.arena));
    MUST(config_read(place.arena, 0, NULL, &place.config, &words));
    place.catalogue = catalogue_cell_new();
    return place;
}

void product_place_close(struct product_place *place)
{
    catalogue_cell_free(place->catalogue);
    db_close(place->owner);
    arena_free(place->arena);
}

struct problem *product_apply(struct product_place *place, const struct product_texts *texts,
                              struct apply_plan *out_plan)
{
    struct arena *arena = place->arena;
    const char *sql = texts->pipeline ? texts->pipeline : product_sql;
    const char *pipeline = arena_print(
        arena,
        "name: by_day\nversion: 1.0.%zu\ninputs:\n  orders: {dataset: input.orders}\n"
        "steps:\n  - name: days\n    output: output.days\n    mode: full\n    sql: |\n      %s\n",
        sql == product_sql ? (size_t)0 : strlen(sql), sql);
    const char *orders = texts->orders ? texts->orders : product_orders;
    const char *days = texts->days ? texts->days : product_days;
    const struct folder_file files[] = {
        { "product.odps.yaml", descriptor, strlen(descriptor) },
        { "contracts/orders.odcs.yaml", orders, strlen(orders) },
        { "contracts/days.odcs.yaml", days, strlen(days) },
        { "pipelines/by_day.yaml", pipeline, strlen(pipeline) },
    };
    const struct folder_files all = { files, COUNT(files) };
    struct faults warnings;
    struct folder folder = { 0 };
    faults_init(&warnings, arena, 10);
    struct problem *problem = folder_check(arena, &all, &warnings, &folder);
    if (!problem)
        problem =
            apply_folder(place->owner, arena, &folder, place->roles.pipeline_conninfo, out_plan);
    folder_clear(&folder);
    return problem;
}

void product_deliver(struct product_place *place, const char *values)
{
    struct arena *arena = place->arena;
    MUST(db_run(place->owner, arena,
                arena_print(arena,
                            "UPDATE meta.datum SET last_number = last_number + 1,"
                            " current_number = last_number + 1 WHERE layer = 'input';"
                            "INSERT INTO input.i_1 SELECT (SELECT current_number FROM meta.datum"
                            " WHERE layer = 'input'), row_number() OVER (), v.* FROM (%s) AS v;"
                            "UPDATE meta.revision SET number = number + 1",
                            values)));
}

const char *product_run(struct product_place *place)
{
    struct arena *arena = place->arena;
    struct run_job job;
    struct run_watch watch;
    bool found;
    const struct run_services services = { place->owner, place->roles.pipeline_conninfo,
                                           place->catalogue, place->config };
    MUST(db_run(place->owner, arena,
                "INSERT INTO meta.run (workflow_id, parameters, requested_by)"
                " SELECT id, '{}', 'test' FROM meta.workflow WHERE is_current"));
    MUST(run_take(place->owner, arena, "test", &job, &found));
    ck_assert(found);
    run_watch_init(&watch);
    MUST(run_execute(arena, &services, &job, &watch));
    run_watch_clear(&watch);
    return product_ask(place, "SELECT state FROM meta.run ORDER BY id DESC LIMIT 1");
}

const char *product_ask(struct product_place *place, const char *sql)
{
    struct db_query query = { sql, NULL, 0 };
    const struct db_value *row;
    size_t columns;
    const char *text = "";
    MUST(db_stream_begin(place->owner, place->arena, &query));
    MUST(db_stream_next(place->owner, place->arena, &row, &columns));
    if (row && row[0].size >= 0)
        text = arena_copy(place->arena, row[0].data, (size_t)row[0].size);
    db_stream_stop(place->owner);
    return text;
}
