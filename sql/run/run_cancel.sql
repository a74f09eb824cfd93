-- Ask a run to stop; one that nobody has taken stops at once.
-- $1 int8: run
-- 0..1 row: state text, told bool
WITH asked AS (
    UPDATE meta.run
       SET cancel_requested = true,
           state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
           finished_at = CASE WHEN state = 'queued' THEN now() ELSE finished_at END
     WHERE id = $1 AND state IN ('queued', 'running', 'checking')
    RETURNING state
)
SELECT state, pg_notify('entrepot', 'run') IS NOT NULL AS told FROM asked;
