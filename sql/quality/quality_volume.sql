-- The median of the rows of the last snapshots of a dataset that readers have seen.
-- $1 int8: dataset
-- $2 int8: so many snapshots
-- 1 row: median float8?
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY rows) AS median
  FROM (SELECT rows::float8
          FROM meta.snapshot
         WHERE datum_id = $1
           AND published_at IS NOT NULL
         ORDER BY number DESC
         LIMIT $2) AS last;
