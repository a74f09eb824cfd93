-- Forget snapshots that were dropped before a time, some at a time.
-- $1 timestamptz: retired before
-- 0 rows
WITH old AS (
    SELECT id FROM meta.snapshot WHERE state = 'dropped' AND retired_at < $1 ORDER BY id LIMIT 1000
), parts AS (
    DELETE FROM meta.snapshot_segment USING old WHERE snapshot_id = old.id
)
DELETE FROM meta.snapshot USING old WHERE snapshot.id = old.id;
