-- The pointer of a dataset, locked until the transaction ends.
-- $1 int8: dataset
-- 1 row: current_number int8?, last_number int8
SELECT current_number, last_number FROM meta.datum WHERE id = $1 FOR UPDATE;
