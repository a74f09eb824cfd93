-- Take the oldest queued run; the lease is renewed while it is worked on. Runs of a backfill come
-- after all others, and each after the one before it in its backfill has ended.
-- $1 text: server process
-- $2 int8: seconds of the lease
-- 0..1 row: id int8, fence int8, workflow_id int8, document text, parameters text, publish bool, as_of timestamptz
WITH next AS (
    SELECT id
      FROM meta.run
     WHERE state = 'queued'
       AND NOT EXISTS (SELECT FROM meta.run AS before
                        WHERE before.backfill_id = run.backfill_id AND before.id < run.id
                          AND before.finished_at IS NULL)
     ORDER BY backfill_id IS NOT NULL, id
       FOR UPDATE SKIP LOCKED
     LIMIT 1
), taken AS (
    UPDATE meta.run
       SET state = 'running', owner = $1, fence = fence + 1, started_at = now(),
           lease_until = now() + make_interval(secs => $2::int8)
      FROM next
     WHERE run.id = next.id
    RETURNING run.*
)
SELECT taken.id, fence, workflow_id, workflow.document::text AS document,
       parameters::text AS parameters, publish, as_of
  FROM taken
  JOIN meta.workflow ON workflow.id = taken.workflow_id;
