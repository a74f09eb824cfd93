-- What rules found, newest run first; without a run or a snapshot: of the last run of each dataset.
-- $1 int8[]: datasets
-- $2 int8?: only of this run
-- $3 int8?: only of the snapshot of this number
-- $4 text?: only of this outcome
-- n rows: id int8, datum_id int8, run_id int8, snapshot int8?, rule text, metric text, columns jsonb, severity text, dimension text?, outcome text, blocks bool, value float8?, operator text?, threshold jsonb?, unit text?, failing_rows int8?, total_rows int8, ms int8, message text?, description text?, business_impact text?, checked_at timestamptz, samples int8
SELECT result.id, result.datum_id, result.run_id, snapshot.number AS snapshot, result.rule,
       result.metric, to_jsonb(result.columns) AS columns, result.severity, result.dimension,
       result.outcome, result.blocks, result.value, result.operator, result.threshold, result.unit,
       result.failing_rows, result.total_rows, result.ms, result.message, result.description,
       result.business_impact, result.checked_at,
       (SELECT count(*) FROM meta.quality_row WHERE result_id = result.id) AS samples
  FROM meta.quality_result AS result
  LEFT JOIN meta.snapshot ON snapshot.run_id = result.run_id
                         AND snapshot.datum_id = result.datum_id
 WHERE result.datum_id = ANY ($1)
   AND CASE WHEN $2::int8 IS NULL AND $3::int8 IS NULL
            THEN result.run_id = (SELECT max(run_id) FROM meta.quality_result AS newest
                                   WHERE newest.datum_id = result.datum_id)
            ELSE ($2::int8 IS NULL OR result.run_id = $2)
                 AND ($3::int8 IS NULL OR snapshot.number = $3)
       END
   AND ($4::text IS NULL OR result.outcome = $4)
 ORDER BY result.run_id DESC, result.datum_id, result.ordinal;
