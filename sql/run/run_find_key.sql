-- The run that was asked for with an idempotency key, and whether it was the same request.
-- $1 int8: workflow
-- $2 text: idempotency key
-- $3 text: parameters, JSON
-- $4 bool: publish a good result at once
-- 0..1 row: id int8, same bool
SELECT id, parameters = $3::text::jsonb AND publish = $4 AS same
  FROM meta.run
 WHERE workflow_id = $1 AND idempotency_key = $2;
