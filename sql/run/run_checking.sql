-- The rows of a run are there and are being checked.
-- $1 int8: run
-- $2 int8: fence
-- 0..1 row: id int8, told bool
WITH moved AS (
    UPDATE meta.run
       SET state = 'checking', step = NULL
     WHERE id = $1 AND fence = $2 AND state = 'running'
    RETURNING id
)
SELECT id, pg_notify('entrepot', 'run') IS NOT NULL AS told FROM moved;
