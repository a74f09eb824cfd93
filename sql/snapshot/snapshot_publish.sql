-- Publish a staged snapshot: compare and set. No row: another was published since.
-- $1 int8: snapshot
-- $2 int8?: the number that must be current; NULL for none yet
-- 0..1 row: datum_id int8
WITH moved AS (
    UPDATE meta.datum
       SET current_number = snapshot.number
      FROM meta.snapshot
     WHERE snapshot.id = $1
       AND datum.id = snapshot.datum_id
       AND datum.current_number IS NOT DISTINCT FROM $2
    RETURNING datum.id
), published AS (
    UPDATE meta.snapshot
       SET state = 'published', published_at = clock_timestamp()
     WHERE id = $1 AND EXISTS (SELECT FROM moved)
    RETURNING datum_id
)
SELECT datum_id FROM published;
