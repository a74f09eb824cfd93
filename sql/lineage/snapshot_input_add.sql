-- One dataset the rows of a snapshot depend on.
-- $1 int8: snapshot
-- $2 int4: ordinal, from 0
-- $3 int8: dataset
-- $4 int8: number of its state
-- 0 rows
INSERT INTO meta.snapshot_input (snapshot_id, ordinal, datum_id, number) VALUES ($1, $2, $3, $4);
