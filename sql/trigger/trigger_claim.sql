-- Take a trigger for one firing, or only compute its due time; no row: another server process did,
-- or it was stored anew meanwhile.
-- $1 int8: trigger
-- $2 int8: claims it was seen with
-- $3 timestamptz: now
-- $4 timestamptz?: next due time
-- $5 timestamptz?: last due time that was looked at; NULL: none
-- $6 int8: due times left out
-- $7 int8?: dataset
-- $8 int8: its delivery
-- $9 int8?: run of another pipeline that is followed
-- 0..1 row: id int8
UPDATE meta.trigger
   SET claims = claims + 1, due_at = $4, armed_at = CASE WHEN $4 IS NULL THEN armed_at ELSE $3 END,
       last_due_at = coalesce($5, last_due_at), left_out = left_out + $6,
       datum_id = coalesce($7, datum_id), seen = CASE WHEN $7 IS NULL THEN seen ELSE $8 END,
       pending_run_id = NULL
 WHERE id = $1 AND claims = $2 AND pending_run_id IS NOT DISTINCT FROM $9
RETURNING id;
