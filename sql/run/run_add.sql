-- Ask for a run; asking twice with one key is asking once.
-- $1 int8: workflow
-- $2 text: parameters, JSON
-- $3 bool: publish a good result at once
-- $4 text: subject
-- $5 text?: idempotency key
-- $6 text: states of inputs that are asked for, JSON
-- $7 text: snapshots that must be current in the outputs, JSON
-- 0..1 row: id int8, told bool
WITH added AS (
    INSERT INTO meta.run (workflow_id, parameters, publish, requested_by, idempotency_key, pins,
                          expected)
    VALUES ($1, $2::text::jsonb, $3, $4, $5, $6::text::jsonb, $7::text::jsonb)
        ON CONFLICT (workflow_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
    RETURNING id
)
SELECT id, pg_notify('entrepot', 'run') IS NOT NULL AS told FROM added;
