-- The clock by which schedules are kept: that of the database, so that all server processes agree.
-- 1 row: now timestamptz
SELECT clock_timestamp() AS now;
