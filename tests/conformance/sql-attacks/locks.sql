-- Locks that other sessions see, and the table of locks that all share.
--- lock
SELECT 'HARM' || pg_advisory_lock(42)::text AS x
--- lock
SELECT 'HARM' || pg_advisory_lock(1, 2)::text AS x
--- lock
SELECT 'HARM' || pg_advisory_lock_shared(42)::text AS x
--- lock
SELECT 'HARM' || pg_advisory_xact_lock(42)::text AS x
--- lock
SELECT 'HARM' || pg_advisory_xact_lock_shared(42)::text AS x
--- lock
SELECT 'HARM' || pg_try_advisory_lock(42)::text AS x
--- lock
SELECT 'HARM' || pg_try_advisory_lock_shared(1, 2)::text AS x
--- lock
SELECT 'HARM' || pg_try_advisory_xact_lock(42)::text AS x
--- lock
SELECT 'HARM' || pg_advisory_unlock(42)::text AS x
--- lock
SELECT 'HARM' || pg_advisory_unlock_all()::text AS x
--- flood
SELECT 'HARM' || count(pg_try_advisory_lock(g))::text AS x FROM generate_series(1, 200000) AS g
--- flood
SELECT 'HARM' || count(pg_try_advisory_xact_lock_shared(g))::text AS x FROM generate_series(1, 200000) AS g
--- flood
SELECT 'HARM' || bool_and(pg_try_advisory_lock(g, g))::text AS x FROM generate_series(1, 200000) AS g
--- lock
SELECT id::text AS x FROM orders FOR UPDATE
--- lock
SELECT id::text AS x FROM orders FOR NO KEY UPDATE
--- lock
SELECT id::text AS x FROM orders FOR SHARE
--- lock
SELECT id::text AS x FROM orders FOR KEY SHARE SKIP LOCKED
--- lock
SELECT 'HARM' || id::text AS x FROM data.s_1 FOR UPDATE NOWAIT
--- lock
SELECT x FROM (SELECT 'HARM' || id::text AS x FROM data.s_1 FOR UPDATE) AS q
--- lock
WITH held AS (SELECT id FROM data.s_1 FOR SHARE) SELECT 'HARM' || id::text AS x FROM held
--- lock
LOCK TABLE data.s_1 IN ACCESS EXCLUSIVE MODE
--- lock
SELECT 1 AS x; LOCK TABLE data.s_1
--- lock
SELECT 'HARM' || count(*)::text AS x FROM pg_locks
--- lock
SELECT 'HARM' || pg_blocking_pids(@VICTIM@)::text AS x
--- lock
SELECT 'HARM' || pg_safe_snapshot_blocking_pids(@VICTIM@)::text AS x
--- lock
SELECT 'HARM' || pg_isolation_test_session_is_blocked(@VICTIM@, ARRAY[1])::text AS x
