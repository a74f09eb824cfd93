-- The rows of a segment.
-- $1 int8: segment
-- 1 row: rows int8
SELECT rows FROM meta.segment WHERE id = $1;
