-- A step makes its table: told at the end of its transaction.
-- $1 int8: run
-- $2 int4: place
-- $3 text: name
-- $4 text: fingerprint
-- $5 int8: segment
-- 0 rows
INSERT INTO meta.step (run_id, ordinal, name, state, fingerprint, segment_id)
VALUES ($1, $2, $3, 'running', $4, $5);
