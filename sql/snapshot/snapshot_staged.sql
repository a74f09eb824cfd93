-- The staged snapshots of a run, in the order of their datasets.
-- $1 int8: run
-- n rows: id int8, datum_id int8, number int8
SELECT id, datum_id, number
  FROM meta.snapshot
 WHERE run_id = $1 AND state = 'staged'
 ORDER BY datum_id;
