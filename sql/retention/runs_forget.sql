-- Forget runs that ended before a time and of which no snapshot and no table is left, some at a time.
-- $1 timestamptz: ended before
-- n rows: id int8
WITH old AS (
    SELECT run.id, run.flow_id
      FROM meta.run
     WHERE finished_at < $1
       AND NOT EXISTS (SELECT FROM meta.snapshot WHERE snapshot.run_id = run.id)
       AND NOT EXISTS (SELECT FROM meta.segment WHERE segment.run_id = run.id AND dropped_at IS NULL)
       AND NOT EXISTS (SELECT FROM meta.run AS later WHERE later.retry_of = run.id)
     ORDER BY run.id
     LIMIT 1000
), results AS (
    DELETE FROM meta.quality_result USING old WHERE quality_result.run_id = old.id
), segments AS (
    UPDATE meta.segment SET run_id = NULL FROM old WHERE segment.run_id = old.id
), moves AS (
    UPDATE meta.publication SET run_id = NULL FROM old WHERE publication.run_id = old.id
)
DELETE FROM meta.run USING old WHERE run.id = old.id RETURNING run.id;
