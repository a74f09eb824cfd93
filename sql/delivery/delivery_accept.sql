-- A delivery is whole and checked.
-- $1 int8: delivery
-- $2 int8: number, possibly a later one than at its beginning
-- $3 int8: rows
-- $4 int8: bytes
-- $5 text: SHA-256
-- 0 rows
UPDATE meta.delivery
   SET state = 'accepted', number = $2, rows = $3, bytes = $4, sha256 = $5, finished_at = clock_timestamp()
 WHERE id = $1;
