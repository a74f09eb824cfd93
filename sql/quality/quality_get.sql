-- Whose a result is.
-- $1 int8: result
-- 0..1 row: datum_id int8, run_id int8, rule text, failing_rows int8?
SELECT datum_id, run_id, rule, failing_rows FROM meta.quality_result WHERE id = $1;
