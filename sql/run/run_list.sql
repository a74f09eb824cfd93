-- Runs, newest first.
-- $1 text?: only of this pipeline
-- $2 text?: only in this state
-- $3 int8: only ids below this
-- $4 int8: at most so many
-- n rows: id int8, pipeline text, version text, state text, requested_by text, requested_at timestamptz, started_at timestamptz?, finished_at timestamptz?, rows int8, origin text
SELECT run.id, workflow.name AS pipeline, workflow.version, run.state, run.requested_by,
       run.requested_at, run.started_at, run.finished_at, run.rows, run.origin
  FROM meta.run
  JOIN meta.workflow ON workflow.id = run.workflow_id
 WHERE ($1::text IS NULL OR workflow.name = $1)
   AND ($2::text IS NULL OR run.state = $2)
   AND run.id < $3
 ORDER BY run.id DESC
 LIMIT $4;
