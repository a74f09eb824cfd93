-- Where the columns of a snapshot come from.
-- $1 int8: snapshot
-- $2 int8: lineage
-- 0 rows
UPDATE meta.snapshot SET lineage_id = $2 WHERE id = $1;
