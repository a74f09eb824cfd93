-- A new segment; its table is made next.
-- 1 row: id int8
INSERT INTO meta.segment DEFAULT VALUES RETURNING id;
