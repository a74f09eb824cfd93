-- No version of a pipeline is current: before another becomes so, or because it is gone.
-- $1 text: name
-- 0 rows
UPDATE meta.workflow SET is_current = false WHERE name = $1 AND is_current;
