-- A trigger has made its runs; every server process is told at commit.
-- $1 int8: trigger
-- $2 int8: its last run
-- $3 timestamptz: now
-- 1 row: told bool
WITH fired AS (
    UPDATE meta.trigger SET last_run_id = $2, last_fired_at = $3 WHERE id = $1 RETURNING id
)
SELECT pg_notify('entrepot', 'run') IS NOT NULL AS told FROM fired;
