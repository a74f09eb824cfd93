-- What the database knows of itself and of others. Names of tables are no secret, passwords are.
--- secret
SELECT coalesce(rolpassword, 'HARM') AS x FROM pg_authid
--- secret
SELECT coalesce(rolpassword, 'HARM') AS x FROM pg_catalog.pg_authid
--- secret
SELECT 'HARM' || coalesce(passwd, '') AS x FROM pg_shadow
--- secret
SELECT coalesce(passwd, '') || current_user AS x FROM pg_user
--- secret
SELECT value AS x FROM meta.hidden
--- secret
SELECT value AS x FROM meta.hidden_view
--- secret
SELECT h::text AS x FROM meta.hidden AS h
--- secret
SELECT (SELECT string_agg(value, '') FROM meta.hidden) AS x
--- secret
SELECT x FROM orders, LATERAL (SELECT value AS x FROM meta.hidden) AS l
--- secret
SELECT value AS x FROM ONLY meta.hidden
--- secret
SELECT value AS x FROM meta.hidden*
--- secret
TABLE meta.hidden
--- secret
SELECT * FROM data.private
--- secret
SELECT x FROM (TABLE data.private) AS p (x)
--- secret
SELECT x FROM orders LEFT JOIN data.private AS p (x) ON true
--- secret
SELECT name AS x FROM orders UNION ALL SELECT value FROM meta.hidden
--- secret
SELECT name AS x FROM orders EXCEPT SELECT value FROM meta.hidden
--- secret
SELECT name AS x FROM orders WHERE EXISTS (SELECT FROM meta.hidden WHERE value = name || 'HARM')
--- secret
SELECT most_common_vals::text AS x FROM pg_stats WHERE tablename = 'hidden'
--- secret
SELECT stavalues1::text AS x FROM pg_statistic
--- secret
SELECT 'HARM' || stxdmcv::text AS x FROM pg_statistic_ext_data
--- secret
SELECT query AS x FROM pg_stat_activity
--- secret
SELECT 'HARM' || umoptions::text AS x FROM pg_user_mapping
--- secret
SELECT 'HARM' || subconninfo AS x FROM pg_subscription
--- secret
SELECT 'HARM' || sourcefile AS x FROM pg_settings WHERE sourcefile IS NOT NULL
--- secret
SELECT 'HARM' || auth_method AS x FROM pg_hba_file_rules
--- secret
SELECT 'HARM' || setting AS x FROM pg_file_settings
--- secret
SELECT 'HARM' || setting AS x FROM pg_config
--- secret
SELECT 'HARM' || current_setting('data_directory') AS x
--- secret
SELECT 'HARM' || current_setting('hba_file') AS x
--- secret
SELECT convert_from(data, 'UTF8') AS x FROM pg_largeobject
--- secret
SELECT statement AS x FROM pg_prepared_statements
--- secret
SELECT 'HARM' || gid AS x FROM pg_prepared_xacts
--- secret
SELECT pg_get_functiondef(oid) AS x FROM pg_proc WHERE proname = 'reveal_nothing'
--- secret
SELECT option_value AS x FROM information_schema.foreign_server_options
--- secret
SELECT name AS x FROM orders WHERE name IN (SELECT value FROM meta.hidden)
