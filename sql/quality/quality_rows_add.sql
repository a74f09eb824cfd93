-- Some rows that failed a rule.
-- $1 int8: result
-- $2 text[]: rows, JSON objects
-- 0 rows
INSERT INTO meta.quality_row (result_id, ordinal, row)
SELECT $1, failed.ordinal, failed.row::jsonb
  FROM unnest($2::text[]) WITH ORDINALITY AS failed (row, ordinal);
