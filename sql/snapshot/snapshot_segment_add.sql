-- A segment of a snapshot.
-- $1 int8: snapshot
-- $2 int4: place
-- $3 int8: segment
-- 0 rows
INSERT INTO meta.snapshot_segment (snapshot_id, ordinal, segment_id) VALUES ($1, $2, $3);
