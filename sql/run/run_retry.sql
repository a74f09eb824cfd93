-- Ask for a run again, over the same states of its inputs, at the same time as the SQL sees it. No
-- row: it has not failed, was not cancelled or superseded, or its pipeline is retired.
-- $1 int8: run
-- $2 text: who asked
-- 0..1 row: id int8, told bool
WITH added AS (
    INSERT INTO meta.run (workflow_id, parameters, publish, as_of, requested_by, origin, retry_of,
                          pins, expected, origin_detail)
    SELECT workflow_id, parameters, publish, as_of, $2, 'retry', coalesce(retry_of, run.id),
           coalesce((SELECT jsonb_object_agg(source.name, source.number)
                       FROM meta.source WHERE source.flow_id = run.flow_id), pins),
           CASE run.state WHEN 'superseded' THEN '{}' ELSE expected END,
           jsonb_build_object('run', run.id)
      FROM meta.run
     WHERE run.id = $1 AND run.state IN ('failed', 'cancelled', 'superseded')
    RETURNING id
)
SELECT id, pg_notify('entrepot', 'run') IS NOT NULL AS told FROM added;
