-- Stop a backfill: runs that nobody has taken end at once, one under way is asked to. Harmless when
-- all have ended.
-- $1 int8: backfill
-- 0..1 row: id int8, stopped int8, told bool
WITH asked AS (
    UPDATE meta.run
       SET cancel_requested = true,
           state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
           finished_at = CASE WHEN state = 'queued' THEN now() ELSE finished_at END
     WHERE backfill_id = $1 AND state IN ('queued', 'running', 'checking')
    RETURNING id
), marked AS (
    UPDATE meta.backfill
       SET cancelled_at = CASE WHEN EXISTS (SELECT FROM asked) THEN coalesce(cancelled_at, now())
                               ELSE cancelled_at END
     WHERE id = $1
    RETURNING id
)
SELECT id, (SELECT count(*) FROM asked) AS stopped,
       pg_notify('entrepot', 'run') IS NOT NULL AS told
  FROM marked;
