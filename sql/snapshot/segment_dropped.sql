-- The table of a segment is going, and with it the snapshots it was part of. No row: a run has taken
-- it up again meanwhile.
-- $1 int8: segment
-- 0..1 row: id int8, snapshots int8
WITH gone AS (
    UPDATE meta.segment
       SET dropped_at = now()
     WHERE id = $1
       AND dropped_at IS NULL
       AND NOT EXISTS (SELECT FROM meta.run
                        WHERE run.id = segment.run_id AND run.finished_at IS NULL)
    RETURNING id
), dropped AS (
    UPDATE meta.snapshot
       SET state = 'dropped'
      FROM gone, meta.snapshot_segment
     WHERE segment_id = gone.id AND snapshot.id = snapshot_id AND state = 'retired'
    RETURNING snapshot.id
)
SELECT id, (SELECT count(*) FROM dropped) AS snapshots FROM gone;
