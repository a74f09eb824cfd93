-- The backfill that was asked for with an idempotency key, and whether it was the same request.
-- $1 int8: workflow
-- $2 text: idempotency key
-- $3 text: SHA-256 of the request
-- 0..1 row: id int8, same bool
SELECT id, request_sha256 = $3 AS same
  FROM meta.backfill
 WHERE workflow_id = $1 AND idempotency_key = $2;
