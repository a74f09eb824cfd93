#include "facts.h"

#include "server/model/relation.h"

#include <string.h>

static const char rows_sql[] =
    "INSERT INTO data.s_9000 VALUES"
    " (1, 'aa', 10.50, '2026-01-01'), (2, 'bb', 20, '2026-01-02'), (3, 'aa', NULL, '2026-01-03'),"
    " (4, NULL, -5, '2026-01-04'), (5, '', 0, NULL), (6, 'N/A', 100, '2026-01-06'),"
    " (7, 'cc', 7, '2026-01-07'), (8, 'aa', 8, '2026-01-08'), (9, NULL, 20, '2026-01-09'),"
    " (10, 'dd', 10.50, '2026-01-10')";

struct facts facts_open(const char *name)
{
    static const struct product_texts usual;
    struct apply_plan plan;
    struct facts facts = { .place = product_place_open(name) };
    MUST(product_apply(&facts.place, &usual, &plan));
    MUST(catalogue_load(facts.place.owner, facts.place.arena, &facts.catalogue));
    return facts;
}

void facts_close(struct facts *facts)
{
    contract_clear(&facts->contract);
    catalogue_release(facts->catalogue);
    product_place_close(&facts->place);
}

void facts_prepare(struct facts *facts, const char *code, const char *amount, const char *object,
                   const char *root, bool with_rows)
{
    struct arena *arena = facts->place.arena;
    struct faults faults;
    const char *yaml = arena_print(
        arena,
        "apiVersion: v3.1.0\nkind: DataContract\nid: facts\nversion: 1.0.0\n"
        "status: active\n%sschema:\n  - name: facts\n    properties:\n"
        "      - {name: id, logicalType: integer%s}\n"
        "      - {name: code, logicalType: string%s}\n"
        "      - {name: amount, logicalType: number, physicalType: 'numeric(12,2)'%s}\n"
        "      - {name: day, logicalType: date}\n%s",
        root, strstr(object, "primaryKey") ? "" : ", primaryKey: true", code, amount, object);
    const struct document_text source = { "facts.yaml", yaml, strlen(yaml), DOCUMENT_YAML };
    contract_clear(&facts->contract);
    faults_init(&faults, arena, 10);
    bool right = contract_parse(arena, &source, &facts->contract, &faults);
    ck_assert_msg(right, "%s", faults.first ? faults.first->reason : "");
    facts->datum = *catalogue_datum(facts->catalogue, CONTRACT_OF_OUTPUT, "days");
    facts->request = (struct quality_request){
        .catalogue = facts->catalogue,
        .datum = &facts->datum,
        .contract = &facts->contract,
        .segment_id = FACTS_SEGMENT,
        .pipeline_conninfo = facts->place.roles.pipeline_conninfo,
        .as_of = FACTS_AS_OF,
        .timeout_ms = 60000,
    };
    MUST(db_run(facts->place.owner, arena,
                "DROP TABLE IF EXISTS data.s_9000; CREATE TABLE data.s_9000"
                " (id int8, code text, amount numeric(12,2), day date);"
                "GRANT SELECT ON data.s_9000 TO entrepot_pipeline"));
    if (with_rows)
        MUST(db_run(facts->place.owner, arena, rows_sql));
}

struct quality_report facts_check(struct facts *facts)
{
    struct quality_report report;
    MUST(quality_check(facts->place.owner, facts->place.arena, &facts->request, &report));
    return report;
}

const struct quality_result *facts_result(const struct quality_report *report, const char *rule)
{
    for (size_t i = 0; i < report->count; i++)
        if (strcmp(report->list[i].rule->name, rule) == 0)
            return &report->list[i];
    ck_abort_msg("no rule is named %s", rule);
}
