-- Settings that outlive the statement.
--- setting
SELECT 'HARM' || set_config('statement_timeout', '0', false) AS x
--- setting
SELECT 'HARM' || set_config('statement_timeout', '0', true) AS x
--- setting
SELECT 'HARM' || set_config('search_path', 'meta', false) AS x
--- setting
SELECT 'HARM' || set_config('work_mem', '2GB', false) AS x
--- setting
SELECT 'HARM' || set_config('transaction_read_only', 'off', false) AS x
--- setting
SELECT 'HARM' || set_config('default_transaction_read_only', 'off', false) AS x
--- setting
SELECT 'HARM' || set_config('temp_file_limit', '-1', false) AS x
--- setting
SELECT 'HARM' || set_config('entrepot.subject', 'forged', false) AS x
--- setting
SELECT 'HARM' || set_config('session_replication_role', 'replica', false) AS x
--- setting
SET statement_timeout = 0
--- setting
SELECT 1 AS x; SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE
--- setting
RESET ALL
--- setting
DISCARD ALL
--- setting
SELECT 'HARM' || set_config(name, setting, false) AS x FROM pg_settings
--- setting
UPDATE pg_settings SET setting = '0' WHERE name = 'statement_timeout'
--- setting
WITH u AS (UPDATE pg_settings SET setting = '0' WHERE name = 'statement_timeout' RETURNING *) SELECT 'HARM' AS x FROM u
--- setting
ALTER SYSTEM SET work_mem = '1GB'
--- setting
ALTER DATABASE postgres SET work_mem = '1GB'
--- setting
SELECT 'HARM' || set_config('log_statement', 'all', false) AS x
