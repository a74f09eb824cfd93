-- What people write: each of these must pass every gate and run.
--- fine
SELECT * FROM orders
--- fine
SELECT id, name, amount FROM orders WHERE day >= '2026-01-01' AND name LIKE 'a%' ORDER BY amount DESC NULLS LAST LIMIT 10
--- fine
SELECT day, count(*) AS orders, sum(amount) AS total FROM orders GROUP BY day
--- fine
SELECT day, count(*) FILTER (WHERE amount > 10) AS large, avg(amount)::numeric(12,2) AS mean FROM orders GROUP BY day HAVING count(*) > 1
--- fine
SELECT c.city, sum(o.amount) AS total FROM orders AS o JOIN cities AS c USING (id) GROUP BY c.city
--- fine
SELECT o.id, c.city FROM orders AS o LEFT JOIN cities AS c ON c.id = o.id AND c.city <> ''
--- fine
SELECT o.id FROM orders AS o WHERE EXISTS (SELECT FROM cities AS c WHERE c.id = o.id)
--- fine
SELECT o.id FROM orders AS o WHERE o.id NOT IN (SELECT id FROM cities WHERE id IS NOT NULL)
--- fine
WITH daily AS (SELECT day, sum(amount) AS total FROM orders GROUP BY day) SELECT day, total, total - lag(total) OVER (ORDER BY day) AS change FROM daily
--- fine
WITH RECURSIVE days AS (SELECT date '2026-01-01' AS day UNION ALL SELECT (day + 1)::date FROM days WHERE day < '2026-01-31') SELECT day FROM days
--- fine
SELECT day, sum(amount) OVER (ORDER BY day ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS week FROM orders
--- fine
SELECT day, avg(amount) OVER (ORDER BY day RANGE BETWEEN interval '7 days' PRECEDING AND CURRENT ROW) AS week FROM orders
--- fine
SELECT id, rank() OVER w, dense_rank() OVER w, row_number() OVER w, ntile(4) OVER w, percent_rank() OVER w, cume_dist() OVER w FROM orders WINDOW w AS (PARTITION BY day ORDER BY amount)
--- fine
SELECT id AS c1, first_value(name) OVER (ORDER BY id) AS c2, last_value(name) OVER (ORDER BY id) AS c3, nth_value(name, 2) OVER (ORDER BY id) AS c4, lead(name, 1, 'none') OVER (ORDER BY id) AS c5 FROM orders
--- fine
SELECT DISTINCT ON (day) day, id FROM orders ORDER BY day, at DESC
--- fine
SELECT DISTINCT name FROM orders
--- fine
SELECT day, name, sum(amount) AS total, grouping(day) AS g FROM orders GROUP BY ROLLUP (day, name)
--- fine
SELECT day, name, count(*) AS n FROM orders GROUP BY CUBE (day, name)
--- fine
SELECT day, count(*) AS n FROM orders GROUP BY GROUPING SETS ((day), ())
--- fine
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY amount) AS median, percentile_disc(0.9) WITHIN GROUP (ORDER BY amount) AS p90, mode() WITHIN GROUP (ORDER BY name) AS most FROM orders
--- fine
SELECT string_agg(name, ', ' ORDER BY name) AS names, array_agg(DISTINCT id) AS ids FROM orders
--- fine
SELECT stddev(amount) AS c1, variance(amount) AS c2, stddev_pop(amount) AS c3, var_samp(amount) AS c4, corr(id, amount) AS c5, regr_slope(id, amount) AS c6, bool_or(amount > 1) AS c7, bool_and(amount > 1) AS c8, every(id > 0) AS c9, min(at) AS c10, max(at) AS c11 FROM orders
--- fine
SELECT date_trunc('month', at) AS month, extract(year FROM at) AS year, extract(dow FROM day) AS dow, date_part('hour', at) AS hour FROM orders
--- fine
SELECT (at AT TIME ZONE 'Europe/Paris')::date AS local, to_char(at, 'YYYY-MM-DD HH24:MI') AS said, to_date('2026-01-31', 'YYYY-MM-DD') AS d, to_timestamp(1700000000) AS t FROM orders
--- fine
SELECT age(at, timestamptz '2020-01-01') AS age, at + interval '1 day' AS next, day - date '2026-01-01' AS days, at - interval '3 hours' AS before FROM orders
--- fine
SELECT make_date(2026, 1, 31) AS d, make_timestamp(2026, 1, 31, 12, 0, 0) AS t, make_interval(days => 3) AS i, date_bin('15 minutes', at, timestamptz '2026-01-01') AS bin FROM orders
--- fine
SELECT run.as_of::date AS day, run.as_of - interval '1 day' AS before, run.id FROM run
--- fine
SELECT o.id, run.as_of FROM orders AS o CROSS JOIN run WHERE o.at < run.as_of
--- fine
SELECT upper(name) AS c1, lower(name) AS c2, initcap(name) AS c3, length(name) AS c4, trim(name) AS t, ltrim(name) AS c6, rtrim(name, 'x') AS c7, btrim(name, 'y') AS c8, left(name, 2) AS c9, right(name, 2) AS c10, reverse(name) AS c11 FROM orders
--- fine
SELECT substring(name FROM 1 FOR 2) AS c1, substring(name FROM '[a-z]+') AS c2, position('a' IN name) AS c3, strpos(name, 'a') AS c4, split_part(name, ' ', 1) AS c5, replace(name, 'a', 'b') AS c6, translate(name, 'abc', 'xyz') AS c7, overlay(name PLACING 'x' FROM 1 FOR 1) AS c8 FROM orders
--- fine
SELECT lpad(id::text, 8, '0') AS padded, rpad(name, 20) AS wide, concat(name, ' ', id) AS both, concat_ws(', ', name, id) AS listed, name || ' ' || id AS joined FROM orders
--- fine
SELECT regexp_replace(name, '[^a-z]', '', 'g') AS letters, regexp_match(name, '([a-z]+)') AS m, name ~ '^a' AS begins, name ~* 'A' AS has, name !~ 'z' AS lacks, regexp_split_to_array(name, '\s+') AS words FROM orders
--- fine
SELECT m.words[1] AS word FROM orders, regexp_matches(name, '[a-z]+', 'g') AS m (words)
--- fine
SELECT name ILIKE 'A%' AS a, name NOT LIKE '%x' AS b, name SIMILAR TO '(a|b)%' AS c, name LIKE '10!%%' ESCAPE '!' AS d, starts_with(name, 'a') AS e FROM orders
--- fine
SELECT md5(name) AS hash, encode(sha256(raw), 'hex') AS sha, encode(raw, 'base64') AS b64, decode('6869', 'hex') AS bytes, octet_length(raw) AS size FROM orders
--- fine
SELECT abs(amount) AS c1, round(amount, 1) AS c2, ceil(amount) AS c3, floor(amount) AS c4, trunc(amount) AS c5, mod(id, 3) AS c6, id % 3 AS rest, sign(amount) AS c8, power(id, 2) AS c9, sqrt(id) AS c10, exp(1.0) AS c11, ln(10.0) AS c12, log(100) AS c13, div(7, 2) AS c14, gcd(4, 6) AS c15 FROM orders
--- fine
SELECT sin(1) AS c1, cos(1) AS c2, atan2(1, 2) AS c3, radians(180) AS c4, degrees(pi()) AS c5, width_bucket(amount, 0, 100, 10) AS bucket, id ^ 2 AS square, |/ 4 AS root, @ -1 AS positive FROM orders
--- fine
SELECT coalesce(name, 'none') AS c1, nullif(name, '') AS c2, greatest(id, 3) AS c3, least(id, 3) AS c4, CASE WHEN amount > 10 THEN 'large' WHEN amount > 1 THEN 'small' ELSE 'tiny' END AS size, CASE id WHEN 1 THEN 'one' END AS one FROM orders
--- fine
SELECT id IS NULL AS a, id IS DISTINCT FROM 1 AS b, (id = 1) IS TRUE AS c, id BETWEEN 1 AND 3 AS d, id IN (1, 2) AS e, NOT (id = 1 OR id = 2) AS f FROM orders
--- fine
SELECT id::bigint AS c1, amount::float8 AS c2, amount::int AS c3, name::varchar(10) AS c4, name::char(10) AS c5, id::text AS c6, at::date AS c7, at::timestamp AS c8, day::timestamptz AS c9, '12.5'::numeric(5,2) AS c10, 'true'::boolean AS c11, '00000000-0000-0000-0000-000000000001'::uuid AS c12 FROM orders
--- fine
SELECT doc ->> 'a' AS a, doc -> 'b' AS b, doc #>> '{c,d}' AS d, doc @> '{"a": 1}' AS has, doc ? 'a' AS key, jsonb_typeof(doc) AS kind, (doc ->> 'a')::int AS n FROM orders
--- fine
SELECT o.id, e.key, e.value FROM orders AS o, jsonb_each_text(o.doc) AS e (key, value)
--- fine
SELECT o.id, i.item FROM orders AS o CROSS JOIN LATERAL jsonb_array_elements(o.doc -> 'items') AS i (item)
--- fine
SELECT r.a, r.b FROM jsonb_to_recordset('[{"a": 1, "b": "x"}]') AS r (a int, b text)
--- fine
SELECT jsonb_build_object('id', id, 'name', name) AS doc, json_build_array(id, name)::text AS list, to_jsonb(name) AS j, jsonb_agg(id) OVER () AS ids, row_to_json(o)::text AS whole FROM orders AS o
--- fine
SELECT jsonb_path_query_first(doc, '$.items[*] ? (@.n > 1)') AS found, jsonb_path_exists(doc, '$.a') AS there, doc @? '$.a' AS q, doc @@ '$.a == 1' AS m FROM orders
--- fine
SELECT jsonb_set(doc, '{a}', '2') AS changed, doc - 'a' AS without, doc || '{"z": 1}' AS more, jsonb_strip_nulls(doc) AS dense FROM orders
--- fine
SELECT tags[1] AS first, array_length(tags, 1) AS n, cardinality(tags) AS c, 'a' = ANY (tags) AS has, tags && ARRAY['a'] AS meets, tags || 'z'::text AS more, array_to_string(tags, ',') AS text, array_position(tags, 'a') AS place FROM orders
--- fine
SELECT o.id, t.tag, t.place FROM orders AS o, unnest(o.tags) WITH ORDINALITY AS t (tag, place)
--- fine
SELECT string_to_array('a,b,c', ',') AS list, ARRAY(SELECT id FROM orders ORDER BY id) AS ids, array_remove(ARRAY[1, 2], 1) AS less, (ARRAY[1, 2, 3])[2:3] AS part
--- fine
SELECT d.day, count(o.id) AS orders FROM generate_series(timestamptz '2026-01-01', timestamptz '2026-01-31', interval '1 day') AS d (day) LEFT JOIN orders AS o ON o.day = d.day::date GROUP BY d.day
--- fine
SELECT g AS n FROM generate_series(1, 10) AS g
--- fine
SELECT id FROM orders UNION SELECT id FROM cities
--- fine
SELECT id FROM orders INTERSECT SELECT id FROM cities EXCEPT ALL SELECT 3
--- fine
SELECT (SELECT max(amount) FROM orders) AS most, (SELECT count(*) FROM cities) AS n
--- fine
SELECT q.* FROM (SELECT o.*, row_number() OVER (PARTITION BY day ORDER BY at DESC) AS r FROM orders AS o) AS q WHERE r = 1
--- fine
VALUES (1, 'one'), (2, 'two')
--- fine
SELECT * FROM (VALUES (1, 'one'), (2, 'two')) AS v (id, word)
--- fine
SELECT daterange(day, day + 7) @> date '2026-01-03' AS inside, lower(int4range(1, 5)) AS low, tstzrange(at, at + interval '1 hour') && tstzrange(at, NULL) AS meets FROM orders
--- fine
SELECT host(inet '10.0.0.1/8') AS h, inet '10.0.0.1' << cidr '10.0.0.0/8' AS inside, family(inet '::1') AS f
--- fine
SELECT name COLLATE "C" AS n FROM orders ORDER BY name COLLATE "C"
--- fine
SELECT (id, name) = (1, 'a') AS same, (id, amount) < (2, 3.0) AS less, ROW(1, 2) = ROW(1, 2) AS row FROM orders
--- fine
SELECT id FROM orders WHERE id > ALL (SELECT id FROM cities) OR id = ANY (ARRAY[1, 2]) OR (id, name) IN (SELECT id, city FROM cities)
--- fine
SELECT count(DISTINCT name) AS names, count(*) AS n, sum(DISTINCT id) AS s FROM orders
--- fine
SELECT rank(5) WITHIN GROUP (ORDER BY id) AS place, percentile_cont(ARRAY[0.25, 0.75]) WITHIN GROUP (ORDER BY id) AS quartiles FROM orders
--- fine
SELECT num_nulls(id, name) AS missing, num_nonnulls(id, name) AS there FROM orders
--- fine
SELECT o.id, p.id AS other FROM orders AS o FULL JOIN orders AS p ON p.id = o.id + 1 LEFT JOIN cities AS c ON c.id = p.id
--- fine
SELECT to_char(1234.5, 'FM999G999D00') AS money, to_number('1,234.5', '9G999D9') AS n, to_char(interval '90 minutes', 'HH24:MI') AS t
--- fine
SELECT 'é€😀' AS text, U&'\00e9' AS letter, E'a\tb' AS tab, $$it's$$ AS quoted, 1e3 AS exponent, 0.5 AS half, -7 AS negative -- and a comment
