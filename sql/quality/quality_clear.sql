-- Forget the results of a run for a dataset, before they are stored again.
-- $1 int8: run
-- $2 int8: dataset
-- 0 rows
DELETE FROM meta.quality_result WHERE run_id = $1 AND datum_id = $2;
