-- Limits of the pipelines' role that nobody has set, as statements. What an administrator has set to
-- another value stays.
-- n rows: statement text
SELECT 'ALTER ROLE entrepot_pipeline SET ' || wanted.name || ' = ' || wanted.value AS statement
  FROM (VALUES ('statement_timeout', '''15min'''),
               ('lock_timeout', '''5s'''),
               ('idle_in_transaction_session_timeout', '''1min'''),
               ('temp_file_limit', '''10GB'''), -- only a superuser may; SQL cannot change it back
               ('work_mem', '''32MB'''),
               ('max_parallel_workers_per_gather', '0'),
               ('default_transaction_read_only', 'on'),
               ('max_parallel_workers', '0'),
               ('jit', 'off'),
               ('hash_mem_multiplier', '1'),
               ('TimeZone', '''UTC'''), -- the same rows wherever the server stands
               ('standard_conforming_strings', 'on'),
               ('search_path', '''''')) AS wanted (name, value)
  JOIN pg_catalog.pg_roles AS r ON r.rolname = 'entrepot_pipeline'
 WHERE NOT EXISTS (SELECT FROM unnest(r.rolconfig) AS setting
                    WHERE starts_with(setting, wanted.name || '='))
UNION ALL
SELECT 'ALTER ROLE entrepot_pipeline CONNECTION LIMIT 16'
  FROM pg_catalog.pg_roles AS r
 WHERE r.rolname = 'entrepot_pipeline' AND r.rolconnlimit < 0;
