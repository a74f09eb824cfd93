-- More time than the limit gives.
--- time
SELECT pg_sleep(3)::text AS x
--- time
SELECT pg_sleep_for('3 seconds')::text AS x
--- time
SELECT pg_sleep_until(clock_timestamp() + '3 seconds')::text AS x
--- time
SELECT count(pg_sleep(0.001))::text AS x FROM generate_series(1, 10000)
--- time
SELECT count(*)::text AS x FROM generate_series(1, 10000000000)
--- time
SELECT count(*)::text AS x FROM generate_series(1, 100000) AS a, generate_series(1, 100000) AS b
--- time
SELECT max(md5(a.g::text || b.g::text)) AS x FROM generate_series(1, 100000) AS a (g), generate_series(1, 100000) AS b (g)
--- time
WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT max(n)::text AS x FROM t
--- time
WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n FROM t) SELECT count(*)::text AS x FROM t
--- time
SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab' ~ '^(a|aa|aaa)*c$' AND pg_sleep(3) IS NULL AS x
--- time
SELECT (lpad('', 10000, 'a') ~ '(a*)*\1(a*)*\1b')::text AS x
--- time
SELECT regexp_replace(lpad('', 10000, 'a'), '((a*)(a*)(a*)\2)+\3b', '', 'g') AS x
--- time
SELECT regexp_count(lpad('', 10000, 'ab'), '(?:(a|b)*)*\1{3}c')::text AS x
--- time
SELECT (lpad('', 10000, 'a') SIMILAR TO '%(a|aa)+%(a|aa)+%b')::text AS x
--- time
SELECT (lpad('', 10000, 'a') LIKE '%a%a%a%a%a%a%a%a%a%a%a%a%b')::text AS x FROM generate_series(1, 100000)
--- time
SELECT ('x' ~ lpad('', 10000, '(a{1,200}){1,200}'))::text AS x
--- time
SELECT ('x' ~ '((((((a{1,20}){1,20}){1,20}){1,20}){1,20}){1,20}){1,20}')::text AS x
--- time
SELECT count(*)::text AS x FROM generate_series(1::numeric, 1e30::numeric, 0.0001)
--- time
SELECT count(*)::text AS x FROM generate_series('0001-01-01'::timestamptz, '9999-01-01', '1 microsecond')
--- time
SELECT factorial(30000)::text AS x
--- time
SELECT sum(factorial(5000))::text AS x FROM generate_series(1, 100000)
--- time
SELECT length((a * a)::text)::text AS x FROM (SELECT 9::numeric ^ 60000 AS a OFFSET 0) AS q, generate_series(1, 1000)
--- time
SELECT jsonb_path_query_array('[[[[[[[[[[1]]]]]]]]]]', 'strict $.**.**.**.**.**.**')::text AS x FROM generate_series(1, 1000000)
--- time
SELECT count(*)::text AS x FROM (SELECT 1 FROM generate_series(1, 30) AS a GROUP BY CUBE (a, a, a, a, a, a, a, a, a, a, a)) AS q, generate_series(1, 100000000)
--- time
SELECT sum(x)::text AS x FROM (SELECT row_number() OVER (ORDER BY g DESC) AS x FROM generate_series(1, 100000000) AS g) AS q
--- time
SELECT count(*)::text AS x FROM pg_timezone_names AS a, pg_timezone_names AS b, pg_timezone_names AS c
--- time
SELECT count(*)::text AS x FROM pg_class AS a, pg_class AS b, pg_class AS c, pg_class AS d
--- time
SELECT count(*)::text AS x FROM information_schema.columns AS a, information_schema.columns AS b
--- time
SELECT string_agg(a.id::text, '') AS x FROM orders AS a @repeat(12|, orders AS o#)@
--- time
SELECT a.id::text AS x FROM orders AS a @repeat(30| JOIN orders AS o# ON o#.id = a.id)@, generate_series(1, 100000000)
--- time-deaf
SELECT strpos(t, 'b' || t)::text AS x FROM (SELECT string_agg('a', '') AS t FROM generate_series(1, 100000)) AS q
--- time-deaf
SELECT @repeat(40|(a * a IS NULL)::int + )@ 0 AS x FROM (SELECT 9::numeric ^ 65000 AS a OFFSET 0) AS q
--- time-deaf
SELECT count(*)::text AS x FROM XMLTABLE('/r' PASSING (SELECT XMLPARSE(DOCUMENT '<r>' || string_agg('<a/>', '') || '</r>') FROM generate_series(1, 6000)) COLUMNS x int PATH 'count(//a[count(//a[. = 1]) = 1])')
