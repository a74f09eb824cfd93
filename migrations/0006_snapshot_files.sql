-- Snapshot files.
SELECT 1;
