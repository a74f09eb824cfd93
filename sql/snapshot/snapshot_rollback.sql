-- Move the pointer of an output dataset back (or forth) to a snapshot that is still kept.
-- $1 int8: dataset
-- $2 int8: the snapshot to go to
-- $3 int8?: the snapshot that must be current; NULL: any
-- $4 text: who asked
-- 0..1 row: from_number int8
WITH before AS (
    SELECT id, current_number FROM meta.datum WHERE id = $1 FOR UPDATE
), moved AS (
    UPDATE meta.datum
       SET current_number = $2
      FROM before
     WHERE datum.id = before.id
       AND before.current_number <> $2
       AND ($3::int8 IS NULL OR before.current_number = $3)
       AND EXISTS (SELECT FROM meta.snapshot
                    WHERE datum_id = $1 AND number = $2 AND state = 'published')
    RETURNING before.current_number
), told AS (
    INSERT INTO meta.publication (datum_id, kind, from_number, to_number, subject)
    SELECT $1, 'rollback', current_number, $2, $4 FROM moved
)
SELECT current_number AS from_number FROM moved;
