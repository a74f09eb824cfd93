-- Other sessions: runs of other pipelines have the same role.
--- kill
SELECT 'HARM' || pg_terminate_backend(@VICTIM@)::text AS x
--- kill
SELECT 'HARM' || pg_terminate_backend(@VICTIM@, 1000)::text AS x
--- kill
SELECT 'HARM' || pg_cancel_backend(@VICTIM@)::text AS x
--- kill
SELECT 'HARM' || pg_terminate_backend(pid)::text AS x FROM pg_stat_activity WHERE pid <> pg_backend_pid()
--- kill
SELECT 'HARM' || pg_cancel_backend(pid)::text AS x FROM pg_stat_activity WHERE pid <> pg_backend_pid()
--- kill
SELECT 'HARM' || pg_terminate_backend(g)::text AS x FROM generate_series(@VICTIM@, @VICTIM@ + 20) AS g
--- kill
SELECT 'HARM' || bool_or(pg_cancel_backend(g))::text AS x FROM generate_series(@VICTIM@, @VICTIM@ + 20) AS g
--- kill
SELECT 'HARM' AS x WHERE pg_terminate_backend(pid => @VICTIM@, timeout => 100)
--- kill
SELECT 'HARM' AS x FROM orders WHERE CASE WHEN id > 0 THEN pg_cancel_backend(@VICTIM@) END
--- kill
SELECT 'HARM' || pg_log_backend_memory_contexts(@VICTIM@)::text AS x
--- kill
SELECT 'HARM' || query AS x FROM pg_stat_activity WHERE pid = @VICTIM@
--- kill
SELECT 'HARM' || pg_stat_get_backend_activity(b) AS x FROM pg_stat_get_backend_idset() AS b
--- kill
SELECT 'HARM' || pid::text AS x FROM pg_stat_get_activity(NULL)
--- kill
SELECT 'HARM' || pg_promote()::text AS x
--- kill
SELECT 'HARM' || pg_switch_wal()::text AS x
--- kill
SELECT 'HARM' || pg_create_restore_point('harm')::text AS x
--- kill
SELECT 'HARM' || pg_stat_reset()::text AS x
--- kill
SELECT 'HARM' || pg_stat_reset_shared('bgwriter')::text AS x
--- kill
SELECT 'HARM' || pg_drop_replication_slot('canary')::text AS x
--- kill
SELECT 'HARM' || (pg_create_physical_replication_slot('harm', true)).slot_name AS x
--- kill
SELECT 'HARM' || pg_backup_start('harm')::text AS x
--- kill
DROP OWNED BY entrepot_owner CASCADE
