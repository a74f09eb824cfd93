-- A staged run was published by hand. No row: it is not staged.
-- $1 int8: run
-- 0..1 row: id int8, told bool
WITH moved AS (
    UPDATE meta.run SET state = 'published' WHERE id = $1 AND state = 'staged' RETURNING id
)
SELECT id, pg_notify('entrepot', 'run') IS NOT NULL AS told FROM moved;
