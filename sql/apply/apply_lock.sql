-- One apply at a time, whoever runs it; held until the transaction ends.
-- 1 row: locked bool
SELECT pg_advisory_xact_lock(7236911) IS NOT NULL AS locked;
