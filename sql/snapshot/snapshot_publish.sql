-- Publish a staged snapshot: compare and set. No row: another was published since.
-- $1 int8: snapshot
-- $2 int8: run
-- $3 text: who asked
-- 0..1 row: datum_id int8, number int8
WITH moved AS (
    UPDATE meta.datum
       SET current_number = snapshot.number
      FROM meta.snapshot
     WHERE snapshot.id = $1
       AND snapshot.state = 'staged'
       AND datum.id = snapshot.datum_id
       AND datum.current_number IS NOT DISTINCT FROM snapshot.base_number
    RETURNING datum.id, snapshot.number, snapshot.base_number
), published AS (
    UPDATE meta.snapshot
       SET state = 'published', published_at = clock_timestamp()
     WHERE id = $1 AND EXISTS (SELECT FROM moved)
), told AS (
    INSERT INTO meta.publication (datum_id, kind, from_number, to_number, run_id, subject)
    SELECT id, 'publish', base_number, number, $2, $3 FROM moved
)
SELECT id AS datum_id, number FROM moved;
