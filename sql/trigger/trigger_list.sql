-- The triggers of a pipeline.
-- $1 text: pipeline
-- n rows: name text, kind text, parameters text, dataset text?, upstream text?, cron text?, timezone text?, missed text?, due_at timestamptz?, left_out int8, last_due_at timestamptz?, last_fired_at timestamptz?, last_run_id int8?, last_run_state text?, waiting bool
SELECT trigger.name, kind, trigger.parameters::text AS parameters, dataset, upstream, cron,
       timezone, missed, due_at, left_out, last_due_at, last_fired_at, last_run_id,
       run.state AS last_run_state,
       run.id IS NOT NULL AND run.finished_at IS NULL AS waiting
  FROM meta.trigger
  LEFT JOIN meta.run ON run.id = trigger.last_run_id
 WHERE trigger.pipeline = $1
 ORDER BY trigger.id;
