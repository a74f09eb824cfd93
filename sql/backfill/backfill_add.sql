-- A backfill; asking twice with one key is asking once.
-- $1 int8: workflow
-- $2 text: subject
-- $3 text?: idempotency key
-- $4 text: SHA-256 of the request
-- 0..1 row: id int8
INSERT INTO meta.backfill (workflow_id, requested_by, idempotency_key, request_sha256)
VALUES ($1, $2, $3, $4)
    ON CONFLICT (workflow_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
RETURNING id;
