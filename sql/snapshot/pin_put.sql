-- Keep a snapshot whatever the retention says. No row: it is not published, or was retired.
-- $1 int8: dataset
-- $2 int8: snapshot
-- $3 text: why
-- $4 text: who asked
-- 0..1 row: number int8
INSERT INTO meta.pin (datum_id, number, reason, subject)
SELECT datum_id, number, $3, $4
  FROM meta.snapshot
 WHERE datum_id = $1 AND number = $2 AND state = 'published'
   FOR UPDATE
    ON CONFLICT (datum_id, number) DO UPDATE SET reason = excluded.reason, subject = excluded.subject
RETURNING number;
