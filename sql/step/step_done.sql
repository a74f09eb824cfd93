-- The table of a step is complete.
-- $1 int8: run
-- $2 int4: place
-- $3 int8: rows
-- $4 int8: bytes
-- $5 text: SHA-256
-- 0 rows
UPDATE meta.step
   SET state = 'done', rows = $3, bytes = $4, sha256 = $5, finished_at = clock_timestamp()
 WHERE run_id = $1 AND ordinal = $2;
