-- Retire published snapshots beyond the newest so many of a dataset; never the current one.
-- $1 int8: dataset
-- $2 int8: how many are kept
-- n rows: number int8
UPDATE meta.snapshot
   SET state = 'retired', retired_at = now()
  FROM meta.datum
 WHERE datum.id = $1
   AND snapshot.datum_id = $1
   AND snapshot.state = 'published'
   AND snapshot.number IS DISTINCT FROM datum.current_number
   AND snapshot.number NOT IN (SELECT number FROM meta.snapshot
                                WHERE datum_id = $1 AND state = 'published'
                                ORDER BY number DESC LIMIT $2)
RETURNING snapshot.number;
