-- Rows that failed a rule, as many as were kept.
-- $1 int8: result
-- n rows: row jsonb
SELECT row FROM meta.quality_row WHERE result_id = $1 ORDER BY ordinal;
