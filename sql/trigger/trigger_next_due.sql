-- When the next schedule is due after a time.
-- $1 timestamptz: now
-- 1 row: due_at timestamptz?
SELECT min(due_at) AS due_at FROM meta.trigger WHERE due_at > $1;
