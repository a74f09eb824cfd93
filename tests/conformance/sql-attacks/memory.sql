-- Memory without bound. Postgres has no limit for a session; the private cluster sets one.
--- memory
SELECT length(repeat('x', 1000000000))::text AS x
--- memory
SELECT length(repeat(name, 2147483647))::text AS x FROM orders
--- memory
SELECT length(format('%1000000000s', 'x'))::text AS x
--- memory
SELECT length(format('%*s', 1000000000, 'x'))::text AS x
--- memory
SELECT length(format('%1$1000000000s%1$1000000000s', 'x'))::text AS x
--- memory
SELECT length(lpad('x', 1000000000))::text AS x
--- memory
SELECT length(rpad(name, 1000000000, 'y'))::text AS x FROM orders
--- memory
SELECT length(lpad('x', id * 100000000))::text AS x FROM orders
--- memory
SELECT array_length(array_fill(1, ARRAY[100000000]), 1)::text AS x
--- memory
SELECT cardinality(array_fill('x'::text, ARRAY[10000, 10000]))::text AS x
--- memory
SELECT cardinality(array_agg(g))::text AS x FROM generate_series(1, 1000000000) AS g
--- memory
SELECT cardinality(array_agg(lpad('x', 10000)))::text AS x FROM generate_series(1, 1000000000) AS g
--- memory
SELECT length(string_agg('xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', ''))::text AS x FROM generate_series(1, 1000000000) AS g
--- memory
SELECT length(json_agg(g)::text)::text AS x FROM generate_series(1, 1000000000) AS g
--- memory
SELECT pg_column_size(jsonb_object_agg(g, g))::text AS x FROM generate_series(1, 1000000000) AS g
--- memory
SELECT jsonb_agg(jsonb_build_array(g, g, g))::text AS x FROM generate_series(1, 1000000000) AS g
--- memory
SELECT length('x'::char(10485760)::text)::text AS x
--- memory
SELECT @repeat(500|length(('x'::char(10485760) || 'y')::text) + )@ 0 AS x
--- memory
SELECT length(replace(replace(t, 'x', t), 'x', t))::text AS x FROM (SELECT lpad('', 10000, 'x') AS t) AS q
--- memory
SELECT length(array_to_string(string_to_array(t, NULL), t))::text AS x FROM (SELECT lpad('', 10000, 'x') AS t OFFSET 0) AS q
--- memory
SELECT length(x)::text AS x FROM (@repeat(28|SELECT x || x AS x FROM (!SELECT 'x'::text AS x!) AS q)@) AS q
--- memory
SELECT length(x)::text AS x FROM (@repeat(28|SELECT x || x AS x FROM (!SELECT 'x'::text AS x OFFSET 0!) AS q)@) AS q
--- memory
SELECT length(x)::text AS x FROM (@repeat(31|SELECT x || x AS x FROM (!SELECT 'x'::text AS x! OFFSET 0) AS q)@) AS q
--- memory
SELECT x::text FROM (@repeat(27|SELECT x + x AS x FROM (!SELECT id AS x FROM orders!) AS q)@) AS q
--- memory
WITH @repeat(24|c# AS NOT MATERIALIZED (SELECT a.x FROM c%# AS a, c%# AS b), )@ z AS (SELECT 1) SELECT count(*)::text AS x FROM c24
--- memory
WITH c0 AS (SELECT 'x'::text AS x), @repeat(24|c# AS NOT MATERIALIZED (SELECT a.x || b.x AS x FROM c%# AS a, c%# AS b), )@ z AS (SELECT 1) SELECT count(*)::text AS x FROM c24
--- memory
SELECT count(*)::text AS x FROM (SELECT DISTINCT a.g, b.g FROM generate_series(1, 100000) AS a (g), generate_series(1, 100000) AS b (g)) AS q
--- memory
SELECT x::text FROM (SELECT lag(lpad('x', 10000), 1000000) OVER (ORDER BY g) AS x FROM generate_series(1, 10000000) AS g) AS q WHERE x IS NOT NULL
--- memory
SELECT count(*)::text AS x FROM (SELECT lpad('x', 10000) AS t, g FROM generate_series(1, 10000000) AS g ORDER BY t, g DESC) AS q
--- memory
WITH RECURSIVE t AS (SELECT 1 AS n, lpad('x', 10000) AS p UNION ALL SELECT n + 1, p FROM t) SELECT max(n)::text AS x FROM t
--- memory
WITH RECURSIVE t AS (SELECT 'x'::text AS p UNION ALL SELECT p || p FROM t) SELECT max(length(p))::text AS x FROM t
--- memory
SELECT array_to_string(regexp_split_to_array(lpad('', 10000, 'x'), ''), lpad('', 10000, 'y')) AS x FROM generate_series(1, 1000000)
--- memory
SELECT to_char(1, lpad('', 10000, '9')) || lpad('', 10000, 'x') AS x FROM generate_series(1, 10000000)
--- memory
SELECT count(*)::text AS x FROM unnest(ARRAY(SELECT g FROM generate_series(1, 1000000000) AS g))
--- memory
SELECT (SELECT array_agg(a.g) FROM generate_series(1, 1000000000) AS a (g))[1]::text AS x
--- memory
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY lpad(g::text, 10000)) AS x FROM generate_series(1, 10000000) AS g
--- memory
SELECT x'1'::bit(83886080)::text AS x
--- memory
SELECT set_bit('0'::bit(83886080), 1, 1)::text AS x FROM generate_series(1, 100)
