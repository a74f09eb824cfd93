-- Tables nobody may need any more: of snapshots retired before a time, in no other snapshot.
-- $1 timestamptz: retired before
-- n rows: id int8
SELECT segment.id
  FROM meta.segment
 WHERE dropped_at IS NULL
   AND EXISTS (SELECT FROM meta.snapshot_segment WHERE segment_id = segment.id)
   AND NOT EXISTS (SELECT
                     FROM meta.snapshot_segment
                     JOIN meta.snapshot ON snapshot.id = snapshot_id
                    WHERE segment_id = segment.id
                      AND (state NOT IN ('retired', 'dropped') OR retired_at >= $1))
 ORDER BY segment.id
 LIMIT 100;
