-- A run reached its last state; nothing happens when another has taken it since.
-- $1 int8: run
-- $2 int8: fence
-- $3 text: state
-- $4 int8: rows
-- $5 int8: bytes
-- $6 text?: problem, JSON
-- 0..1 row: id int8, told bool
WITH ended AS (
    UPDATE meta.run
       SET state = $3, rows = $4, bytes = $5, error = $6::text::jsonb,
           finished_at = clock_timestamp(), lease_until = NULL, step = NULL
     WHERE id = $1 AND fence = $2 AND state IN ('running', 'checking')
    RETURNING id
)
SELECT id, pg_notify('entrepot', 'run') IS NOT NULL AS told FROM ended;
