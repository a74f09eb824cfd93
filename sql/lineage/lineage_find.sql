-- A lineage that is stored already.
-- $1 text: SHA-256
-- 0..1 row: id int8
SELECT id FROM meta.lineage WHERE sha256 = $1;
