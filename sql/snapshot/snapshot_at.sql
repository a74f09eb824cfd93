-- The snapshot of an output dataset that readers saw at a time. A new one is seen from the time it
-- says it was published, a moment before the pointer moved. No row: nothing was published by then.
-- $1 int8: dataset
-- $2 timestamptz: the time
-- 0..1 row: number int8, is_kept bool
SELECT publication.to_number AS number,
       snapshot.state IS NOT DISTINCT FROM 'published' AS is_kept
  FROM meta.publication
  LEFT JOIN meta.snapshot
    ON snapshot.datum_id = publication.datum_id AND snapshot.number = publication.to_number
 WHERE publication.datum_id = $1
   AND CASE kind WHEN 'publish' THEN least(at, published_at) ELSE at END <= $2
 ORDER BY publication.id DESC
 LIMIT 1;
