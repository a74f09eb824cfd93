-- Move the pointer of a dataset; no number given out later may be lower.
-- $1 int8: dataset
-- $2 int8: number
-- 0 rows
UPDATE meta.datum
   SET current_number = $2, last_number = greatest(last_number, $2)
 WHERE id = $1;
