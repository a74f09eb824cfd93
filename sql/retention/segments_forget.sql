-- Forget tables that were dropped and that nothing speaks of any more, and flows without a run.
-- 0 rows
WITH old AS (
    SELECT id
      FROM meta.segment
     WHERE dropped_at IS NOT NULL
       AND run_id IS NULL
       AND NOT EXISTS (SELECT FROM meta.snapshot_segment WHERE segment_id = segment.id)
       AND NOT EXISTS (SELECT FROM meta.step WHERE step.segment_id = segment.id)
     LIMIT 1000
), gone AS (
    DELETE FROM meta.segment USING old WHERE segment.id = old.id
)
DELETE FROM meta.flow
 WHERE id IN (SELECT flow.id
                FROM meta.flow
               WHERE NOT EXISTS (SELECT FROM meta.run WHERE run.flow_id = flow.id)
                 AND NOT EXISTS (SELECT FROM meta.snapshot WHERE snapshot.flow_id = flow.id)
                 AND started_at < now() - interval '1 hour'
               LIMIT 1000);
