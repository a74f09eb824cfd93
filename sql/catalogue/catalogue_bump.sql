-- Something served has changed: a new revision, and every server process is told at commit.
-- 1 row: number int8, told bool
WITH grown AS (
    UPDATE meta.revision SET number = number + 1, changed_at = now() RETURNING number
)
SELECT number, pg_notify('entrepot', 'catalogue') IS NOT NULL AS told FROM grown;
