-- The runs of a backfill, in their order.
-- $1 int8: backfill
-- n rows: id int8, state text, ended bool, parameters text
SELECT id, state, finished_at IS NOT NULL AS ended, parameters::text AS parameters
  FROM meta.run
 WHERE backfill_id = $1
 ORDER BY id;
