-- The table of a segment is gone, and with it the snapshots it was part of.
-- $1 int8: segment
-- 0 rows
WITH gone AS (
    UPDATE meta.segment SET dropped_at = now() WHERE id = $1 RETURNING id
)
UPDATE meta.snapshot
   SET state = 'dropped'
  FROM gone, meta.snapshot_segment
 WHERE segment_id = gone.id AND snapshot.id = snapshot_id AND state = 'retired';
