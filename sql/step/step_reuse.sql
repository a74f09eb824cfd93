-- The table an earlier run made for a step of the same fingerprint becomes that of this run too.
-- $1 int8: run
-- $2 int4: place
-- $3 text: name
-- $4 text: fingerprint
-- 0..1 row: segment_id int8, rows int8, bytes int8, sha256 text
WITH made AS (
    SELECT step.segment_id, step.rows, step.bytes, step.sha256
      FROM meta.step
      JOIN meta.segment ON segment.id = step.segment_id
     WHERE step.fingerprint = $4 AND step.state IN ('done', 'reused') AND dropped_at IS NULL
     ORDER BY step.run_id DESC
     LIMIT 1
), kept AS ( -- whoever drops tables looks at the maker again: that is an open run from now on
    UPDATE meta.segment SET run_id = $1
      FROM made
     WHERE segment.id = made.segment_id AND dropped_at IS NULL
    RETURNING segment.id
)
INSERT INTO meta.step (run_id, ordinal, name, state, fingerprint, segment_id, rows, bytes, sha256,
                       finished_at)
SELECT $1, $2, $3, 'reused', $4, kept.id, made.rows, made.bytes, made.sha256, clock_timestamp()
  FROM kept, made
RETURNING segment_id, rows, bytes, sha256;
