-- A segment is complete.
-- $1 int8: segment
-- $2 int8: rows
-- 0 rows
UPDATE meta.segment SET rows = $2 WHERE id = $1;
