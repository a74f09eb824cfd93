-- Take the oldest queued run whose outputs no other run is making; the lease is renewed while it is
-- worked on. Runs of a backfill come after all others, and each after the one before it in its
-- backfill has ended. A retry has the id and time of the run it repeats.
-- $1 text: server process
-- $2 int8: seconds of the lease
-- 0..1 row: id int8, fence int8, workflow_id int8, document text, parameters text, pins text, expected text, publish bool, as_of timestamptz, first_id int8, subject text
WITH next AS (
    SELECT id
      FROM meta.run
     WHERE state = 'queued'
       AND NOT EXISTS (SELECT FROM meta.run AS before
                        WHERE before.backfill_id = run.backfill_id AND before.id < run.id
                          AND before.finished_at IS NULL)
       AND NOT EXISTS (SELECT
                         FROM meta.run AS other
                         JOIN meta.transform AS theirs ON theirs.workflow_id = other.workflow_id
                         JOIN meta.transform AS ours ON ours.workflow_id = run.workflow_id
                        WHERE theirs.output = ours.output
                          AND (other.state IN ('running', 'checking')
                               AND other.lease_until >= now()
                               OR other.state = 'queued'
                                  AND (other.backfill_id IS NOT NULL, other.id)
                                      < (run.backfill_id IS NOT NULL, run.id)))
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
       parameters::text AS parameters, pins::text AS pins, expected::text AS expected, publish,
       as_of, coalesce(retry_of, taken.id) AS first_id, requested_by AS subject
  FROM taken
  JOIN meta.workflow ON workflow.id = taken.workflow_id;
