-- Files of the server, read and written.
--- file
SELECT pg_read_file('/etc/passwd') AS x
--- file
SELECT pg_read_file('/etc/passwd', 0, 100) AS x
--- file
SELECT pg_read_file('/etc/passwd', 0, 100, true) AS x
--- file
SELECT convert_from(pg_read_binary_file('/etc/passwd'), 'UTF8') AS x
--- file
SELECT encode(pg_read_binary_file('/etc/passwd'), 'escape') AS x
--- file
SELECT 'HARM' || name AS x FROM pg_ls_dir('/') AS d (name)
--- file
SELECT 'HARM' || name AS x FROM pg_ls_logdir()
--- file
SELECT 'HARM' || name AS x FROM pg_ls_waldir()
--- file
SELECT 'HARM' || name AS x FROM pg_ls_tmpdir() UNION ALL SELECT 'HARM' WHERE pg_stat_file('/etc/passwd') IS NOT NULL
--- file
SELECT 'HARM' || pg_stat_file('/etc/passwd')::text AS x
--- file
SELECT 'HARM' || lo_import('/etc/passwd')::text AS x
--- file
SELECT 'HARM' || lo_export(1, '@FILE@')::text AS x
--- file
COPY orders TO '@FILE@'
--- file
COPY (SELECT 1) TO '@FILE@'
--- file
COPY (SELECT 1) TO PROGRAM 'touch @FILE@'
--- file
SELECT 1 AS x; COPY (SELECT 1) TO PROGRAM 'touch @FILE@'
--- file
SELECT 1 AS x) AS q) TO PROGRAM 'touch @FILE@' --
--- file
SELECT 1 AS x) AS q) AS r) TO '@FILE@' --
--- file
LOAD 'plpgsql'
--- file
SELECT 'HARM' || pg_logdir_ls()::text AS x
--- file
SELECT 'HARM' || pg_file_write('@FILE@', 'x', false)::text AS x
--- file
SELECT 'HARM' || pg_current_logfile() AS x
--- file
SELECT 'HARM' || pg_reload_conf()::text || pg_rotate_logfile()::text AS x
--- file
SELECT 'HARM' || pg_export_snapshot() AS x
--- file
CREATE FUNCTION data.harm() RETURNS int LANGUAGE c AS '/lib/libc.so.6', 'getpid'
--- file
SELECT 'HARM' || pg_read_file('PG_VERSION') AS x
