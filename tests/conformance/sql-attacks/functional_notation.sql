-- a.f and (a).f may be the call f(a): there is no call in the parse tree.
--- time
SELECT (c.oid).pg_sleep::text AS x FROM (SELECT 3.0::float8 AS oid) AS c
--- time
SELECT (c.a).pg_sleep::text AS x FROM (SELECT 3::float8 AS a) AS c
--- time
SELECT (3::float8).pg_sleep::text AS x
--- time
SELECT ((SELECT 3::float8)).pg_sleep::text AS x
--- lock
SELECT 'HARM' || (c.a).pg_advisory_lock::text AS x FROM (SELECT 42::int8 AS a) AS c
--- lock
SELECT 'HARM' || (c.a).pg_try_advisory_lock::text AS x FROM (SELECT 42::int8 AS a) AS c
--- kill
SELECT 'HARM' || (c.a).pg_terminate_backend::text AS x FROM (SELECT @VICTIM@ AS a) AS c
--- kill
SELECT 'HARM' || (c.a).pg_cancel_backend::text AS x FROM (SELECT @VICTIM@ AS a) AS c
--- file
SELECT (c.a).pg_read_file AS x FROM (SELECT '/etc/passwd'::text AS a) AS c
--- file
SELECT (c.a).pg_ls_dir AS x FROM (SELECT '/'::text AS a) AS c
--- largeobject
SELECT 'HARM' || (c.a).lo_creat::text AS x FROM (SELECT 131072 AS a) AS c
--- largeobject
SELECT 'HARM' || (c.a).lo_create::text AS x FROM (SELECT 4711::oid AS a) AS c
--- setting
SELECT 'HARM' || (c.a).setseed::text AS x, (c.b).current_setting FROM (SELECT 0.5::float8 AS a, 'data_directory'::text AS b) AS c
--- secret
SELECT (c.a).pg_get_viewdef AS x FROM (SELECT 'meta.hidden_view'::regclass::oid AS a) AS c
--- secret
SELECT o.reveal AS x FROM orders AS o
--- secret
SELECT orders.row_to_json::text AS x, (orders).pg_typeof FROM orders
--- lock
SELECT 'HARM' || q.pg_advisory_lock::text AS x FROM (SELECT 1::int8) AS q (a), LATERAL (SELECT (q.a).pg_advisory_lock) AS p
--- write
SELECT 'HARM' || (c.a).nextval::text AS x FROM (SELECT 'data.counter'::regclass AS a) AS c
--- write
SELECT 'HARM' || (c.a).txid_current::text AS x FROM (SELECT 1 AS a) AS c
--- notify
SELECT 'HARM' || (c).pg_notify::text AS x FROM (SELECT 'canary'::text AS a, 'b'::text AS b) AS c
--- file
SELECT (ARRAY['/etc/passwd'::text])[1].pg_read_file AS x
--- file
SELECT ((ARRAY['/etc/passwd'::text])[1]).pg_read_file AS x
--- time
SELECT (run.d).pg_sleep::text AS x FROM (SELECT 3::float8 AS d) AS run
