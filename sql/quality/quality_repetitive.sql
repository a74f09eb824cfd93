-- Has a column of a segment few values, each of them in many rows? As ANALYZE has seen it.
-- $1 int8: segment
-- $2 text: column
-- $3 int8: rows
-- 1 row: is_repetitive bool
SELECT EXISTS (
    SELECT FROM pg_stats
     WHERE schemaname = 'data' AND tablename = 's_' || $1 AND attname = $2
       AND n_distinct > 0 AND n_distinct <= 10000 AND n_distinct * 20 <= $3) AS is_repetitive;
