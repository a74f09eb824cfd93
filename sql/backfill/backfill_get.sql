-- One backfill.
-- $1 int8: backfill
-- 0..1 row: pipeline text, version text, requested_by text, requested_at timestamptz, cancelled_at timestamptz?
SELECT workflow.name AS pipeline, workflow.version, requested_by, requested_at, cancelled_at
  FROM meta.backfill
  JOIN meta.workflow ON workflow.id = backfill.workflow_id
 WHERE backfill.id = $1;
