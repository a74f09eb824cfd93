-- One delivery at a time may look for a key of a dataset; held until the transaction ends.
-- $1 int8: dataset
-- $2 text: idempotency key
-- 1 row: locked bool
SELECT pg_advisory_xact_lock(hashtextextended($2, $1)) IS NOT NULL AS locked;
