-- How far a run is; renews its lease. No row: it was taken by another, or is to stop.
-- $1 int8: run
-- $2 int8: fence
-- $3 text: step
-- $4 int8: rows
-- $5 int8: bytes
-- $6 int8: seconds of the lease
-- 0..1 row: cancel_requested bool
UPDATE meta.run
   SET step = $3, rows = $4, bytes = $5, lease_until = now() + make_interval(secs => $6::int8)
 WHERE id = $1 AND fence = $2 AND state IN ('running', 'checking')
RETURNING cancel_requested;
