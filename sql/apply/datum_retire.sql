-- A dataset the folder no longer names: kept, not served.
-- $1 int8: dataset
-- 0 rows
UPDATE meta.datum SET retired_at = now() WHERE id = $1;
