-- A delivery is refused; nothing of it is stored but this.
-- $1 int8: delivery
-- $2 text: reason
-- $3 int8: bytes received
-- 0 rows
UPDATE meta.delivery
   SET state = 'rejected', reason = $2, bytes = $3, finished_at = now()
 WHERE id = $1 AND state = 'receiving';
