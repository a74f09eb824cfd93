-- The delivery that came, or is coming, with an idempotency key.
-- $1 int8: dataset
-- $2 text: idempotency key
-- $3 timestamptz: keys older than this are forgotten
-- 0..1 row: id int8, number int8, state text, sha256 text?
SELECT id, number, state, sha256
  FROM meta.delivery
 WHERE datum_id = $1
   AND idempotency_key = $2
   AND state IN ('receiving', 'accepted')
   AND received_at > $3
 ORDER BY id DESC
 LIMIT 1;
