-- A new segment; its table is made next.
-- $1 int8: the run that makes it
-- 1 row: id int8
INSERT INTO meta.segment (run_id) VALUES ($1) RETURNING id;
