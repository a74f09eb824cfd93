-- Leave a snapshot to the retention again.
-- $1 int8: dataset
-- $2 int8: snapshot
-- 0..1 row: number int8
DELETE FROM meta.pin WHERE datum_id = $1 AND number = $2 RETURNING number;
