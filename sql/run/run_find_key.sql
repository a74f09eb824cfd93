-- The run that was asked for with an idempotency key.
-- $1 int8: workflow
-- $2 text: idempotency key
-- 0..1 row: id int8, parameters text
SELECT id, parameters::text AS parameters
  FROM meta.run
 WHERE workflow_id = $1 AND idempotency_key = $2;
