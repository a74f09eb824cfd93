-- Names that are not what they seem: WITH queries hide tables only where they are visible.
--- secret
SELECT coalesce(rolpassword, '') AS x FROM pg_authid WHERE EXISTS (WITH pg_authid AS (SELECT 1) SELECT FROM pg_authid)
--- other
SELECT rolname || 'HARM' AS x FROM pg_roles WHERE EXISTS (WITH pg_roles AS (SELECT 1) SELECT FROM pg_roles)
--- secret
SELECT x FROM (WITH pg_roles AS (SELECT 1 AS x) SELECT x FROM pg_roles) AS a, pg_roles AS b
--- other
WITH a AS (SELECT rolname || 'HARM' AS x FROM pg_roles), pg_roles AS (SELECT 1) SELECT x FROM a
--- other
WITH a AS (WITH pg_roles AS (SELECT 1) SELECT 1) SELECT rolname || 'HARM' AS x FROM pg_roles
--- other
SELECT rolname || 'HARM' AS x FROM pg_roles UNION ALL (WITH pg_roles AS (SELECT 'a' AS r) SELECT r FROM pg_roles)
--- secret
WITH hidden AS (SELECT 1) SELECT value AS x FROM meta.hidden
--- secret
WITH hidden AS (SELECT * FROM meta.hidden) SELECT value AS x FROM hidden
--- secret
WITH orders AS (SELECT * FROM meta.hidden) SELECT value AS x FROM orders
--- secret
WITH RECURSIVE hidden AS (SELECT value AS x FROM meta.hidden UNION SELECT x FROM hidden) SELECT x FROM hidden
--- secret
SELECT x FROM orders, LATERAL (WITH q AS (SELECT value AS x FROM meta.hidden) SELECT x FROM q) AS l
--- secret
SELECT value AS x FROM "meta"."hidden"
--- secret
SELECT value AS x FROM U&"m\0065ta".U&"h\0069dden"
--- secret
SELECT value AS x FROM "postgres".meta.hidden
--- secret
SELECT hidden.value AS x FROM orders AS hidden, meta.hidden AS orders
--- secret
SELECT meta.hidden.value AS x FROM meta.hidden
--- other
SELECT relname || 'HARM' AS x FROM "pg_class"
--- other
SELECT relname || 'HARM' AS x FROM pg_class AS orders
--- secret
SELECT x FROM (VALUES ('a')) AS orders (x), pg_temp.orders
--- secret
SELECT x FROM pg_toast.pg_toast_1255 AS t (x)
--- other
SELECT x FROM information_schema.tables AS t, LATERAL (SELECT t.table_name || 'HARM' AS x) AS l
--- secret
SELECT (SELECT value FROM meta.hidden LIMIT 1) AS x FROM orders GROUP BY GROUPING SETS ((id), ())
--- secret
SELECT id::text AS x FROM orders ORDER BY (SELECT value FROM meta.hidden LIMIT 1)
--- secret
SELECT id::text AS x FROM orders LIMIT (SELECT length(value) FROM meta.hidden LIMIT 1)
--- secret
SELECT CASE WHEN value LIKE 'CANARY%' THEN 'HARM' END AS x FROM meta.hidden
--- secret
SELECT 1 / (SELECT (value LIKE 'nothing')::int FROM meta.hidden LIMIT 1) AS x
--- secret
SELECT value::int::text AS x FROM meta.hidden
--- secret
SELECT x FROM data.s_1 AS o (x) UNION SELECT NULL FROM data.private
