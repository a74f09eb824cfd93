-- Waits until no other server migrates this database, then tells what of the record exists.
-- $1 int8: key of the lock, held until the transaction ends
-- 1 row: has_schema bool, has_table bool
SELECT to_regnamespace('meta') IS NOT NULL AS has_schema,
       to_regclass('meta.migration') IS NOT NULL AS has_table
  FROM pg_advisory_xact_lock($1);
