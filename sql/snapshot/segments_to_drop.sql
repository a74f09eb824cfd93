-- Tables nobody may need any more: of snapshots that were all retired before a time and that no open
-- run reads; or of runs that are over and did not make a snapshot of them.
-- $1 timestamptz: retired before
-- $2 timestamptz: failed before, for the tables of runs that may be repeated
-- n rows: id int8
SELECT segment.id
  FROM meta.segment
  LEFT JOIN meta.run ON run.id = segment.run_id
 WHERE dropped_at IS NULL
   AND (run.id IS NULL OR run.finished_at IS NOT NULL)
   AND CASE
       WHEN EXISTS (SELECT FROM meta.snapshot_segment WHERE segment_id = segment.id) THEN
           NOT EXISTS (SELECT
                         FROM meta.snapshot_segment
                         JOIN meta.snapshot ON snapshot.id = snapshot_id
                        WHERE segment_id = segment.id
                          AND (snapshot.state NOT IN ('retired', 'dropped')
                               OR retired_at >= $1
                               OR EXISTS (SELECT
                                            FROM meta.run AS open
                                            JOIN meta.source ON source.flow_id = open.flow_id
                                           WHERE open.state IN ('running', 'checking')
                                             AND source.datum_id = snapshot.datum_id
                                             AND source.number = snapshot.number)))
       ELSE run.id IS NULL OR run.state NOT IN ('failed', 'cancelled', 'superseded')
            OR run.finished_at < $2
       END
 ORDER BY segment.id
 LIMIT 100;
