-- The run that was asked for with an idempotency key, and whether it was the same request.
-- $1 int8: workflow
-- $2 text: idempotency key
-- $3 text: parameters, JSON
-- $4 bool: publish a good result at once
-- $5 text: states of inputs that are asked for, JSON
-- $6 text: snapshots that must be current in the outputs, JSON
-- 0..1 row: id int8, same bool
SELECT id,
       parameters = $3::text::jsonb AND publish = $4 AND pins = $5::text::jsonb
           AND expected = $6::text::jsonb AS same
  FROM meta.run
 WHERE workflow_id = $1 AND idempotency_key = $2;
