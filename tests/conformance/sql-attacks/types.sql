-- Domains, row types, polymorphism, arguments by name.
--- write
SELECT '5'::data.counted::text || 'HARM' AS x
--- write
SELECT CAST(name AS data.counted)::text || 'HARM' AS x FROM (SELECT '7' AS name) AS q
--- other
SELECT 5::information_schema.cardinal_number::text || 'HARM' AS x
--- other
SELECT ROW('HARM')::data.private::text AS x
--- secret
SELECT (json_populate_record(NULL::meta.hidden, '{"value": "HARM"}')).value AS x
--- other
SELECT (jsonb_populate_record(NULL::data.private, '{"value": "HARM"}'))::text AS x
--- secret
SELECT x FROM json_populate_recordset(NULL::meta.hidden, '[{"value": "HARM"}]') AS f (n, x)
--- secret
SELECT x FROM jsonb_to_recordset('[{"x": "pg_authid"}]') AS f (x regclass), LATERAL (SELECT 'HARM') AS l
--- other
SELECT x::text || 'HARM' FROM json_to_record('{"x": 1260}') AS f (x regclass)
--- secret
SELECT x::text || 'HARM' FROM jsonb_to_record('{"x": 5}') AS f (x data.counted)
--- secret
SELECT data.anything(1)::text AS x
--- secret
SELECT anything(orders)::text AS x FROM orders
--- secret
SELECT data.anything(VARIADIC ARRAY['HARM'])::text AS x
--- other
SELECT pg_typeof(orders)::text || 'HARM' AS x FROM orders
--- other
SELECT enum_range(NULL::data.mood)::text || 'HARM' AS x
--- other
SELECT 'glad'::data.mood::text || 'HARM' AS x
--- secret
SELECT max(o.id) FILTER (WHERE data.anything(o.id) > 0)::text || 'HARM' AS x FROM orders AS o
--- secret
SELECT data.last_of(id)::text || 'HARM' AS x FROM orders
--- secret
SELECT data.last_of(id) OVER ()::text AS x FROM orders
--- secret
SELECT make_interval(secs => pg_sleep(0)::text::int)::text || 'HARM' AS x
--- other
SELECT 'x'::"char"::text || 'HARM' AS x
--- other
SELECT 'x'::name::text || 'HARM' AS x
--- other
SELECT '1'::oid::text || 'HARM' AS x
--- other
SELECT 1::money::text || 'HARM' AS x
--- secret
SELECT CAST(1 AS orders.id%TYPE) AS x
--- other
SELECT ctid::text || 'HARM' AS x FROM data.s_1
--- other
SELECT xmin::text || 'HARM' AS x FROM data.s_1
