-- What makes a run give other rows each time: the clock, chance, who and where. Not harm by itself:
-- the gates refuse it, the database lets it pass.
--- other
SELECT now()::text AS x
--- other
SELECT current_timestamp::text AS x
--- other
SELECT current_date::text || localtime::text AS x
--- other
SELECT clock_timestamp()::text AS x
--- other
SELECT timeofday() AS x
--- other
SELECT 'now'::timestamptz::text AS x
--- other
SELECT date 'today'::text AS x
--- other
SELECT id::text AS x FROM orders WHERE day > 'yesterday'
--- other
SELECT (U&'to\0064ay'::date)::text AS x
--- other
SELECT random()::text AS x
--- other
SELECT gen_random_uuid()::text AS x
--- other
SELECT setseed(0.5)::text AS x
--- other
SELECT current_user::text AS x
--- other
SELECT session_user || current_schema AS x
--- other
SELECT version() AS x
--- other
SELECT pg_backend_pid()::text AS x
--- other
SELECT inet_client_addr()::text AS x
--- other
SELECT current_database()::text AS x
--- other
SELECT age(day)::text AS x FROM orders
--- other
SELECT pg_postmaster_start_time()::text AS x
--- other
SELECT has_table_privilege('meta.hidden', 'select')::text AS x
--- other
SELECT pg_relation_size('data.s_1')::text AS x
--- other
SELECT obj_description(1259)::text AS x
--- other
SELECT to_tsvector('a b')::text AS x
