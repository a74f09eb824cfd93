-- Writes in the clothes of a SELECT.
--- write
SELECT * INTO harm FROM orders
--- write
SELECT * INTO TEMP harm FROM orders
--- write
SELECT id::text AS x INTO UNLOGGED data.harm FROM orders
--- write
CREATE TABLE data.harm AS SELECT 1
--- write
CREATE TEMP TABLE harm AS SELECT 1
--- write
CREATE MATERIALIZED VIEW data.harm AS SELECT 1
--- write
WITH gone AS (DELETE FROM data.s_1 RETURNING id) SELECT 'HARM' || id::text AS x FROM gone
--- write
WITH new AS (INSERT INTO data.s_2 VALUES (9, 'HARM') RETURNING city) SELECT city AS x FROM new
--- write
WITH u AS (UPDATE data.s_2 SET city = 'HARM' RETURNING city) SELECT city AS x FROM u
--- write
WITH gone AS (DELETE FROM orders RETURNING id) SELECT 'HARM' || id::text AS x FROM gone
--- write
WITH a AS (WITH gone AS (DELETE FROM data.s_1 RETURNING id) SELECT id FROM gone) SELECT 'HARM' || id::text AS x FROM a
--- write
INSERT INTO data.s_1 (id) VALUES (9)
--- write
UPDATE data.s_1 SET id = 9
--- write
DELETE FROM data.s_1
--- write
MERGE INTO data.s_2 AS t USING orders AS o ON t.id = o.id WHEN MATCHED THEN DELETE
--- write
TRUNCATE data.s_1
--- write
DROP TABLE data.s_1 CASCADE
--- write
ALTER TABLE data.s_1 DISABLE TRIGGER ALL
--- write
SELECT 'HARM' || nextval('data.counter')::text AS x
--- write
SELECT 'HARM' || setval('data.counter', 100)::text AS x
--- write
SELECT 'HARM' || lastval()::text AS x
--- write
SELECT 'HARM' || currval('data.counter')::text AS x
--- write
SELECT 'HARM' || last_value::text AS x FROM data.counter
--- write
SELECT 'HARM' || pg_logical_emit_message(false, 'harm', 'x')::text AS x
--- write
SELECT 'HARM' || pg_logical_emit_message(true, 'harm', 'x'::bytea)::text AS x
--- write
SELECT 'HARM' || txid_current()::text AS x
--- write
SELECT 'HARM' || pg_current_xact_id()::text AS x
--- write
SELECT 'HARM' || data.count_up()::text AS x
--- write
SELECT data.count_up() OVER ()::text AS x FROM orders
--- sample
SELECT id::text AS x FROM data.s_1 TABLESAMPLE system (50)
--- sample
SELECT id::text AS x FROM orders TABLESAMPLE bernoulli (50) REPEATABLE (1)
--- write
SELECT 'HARM' || brin_summarize_new_values('data.s_1')::text AS x
--- write
SELECT 'HARM' || gin_clean_pending_list('data.s_1_pkey')::text AS x
--- write
SELECT 'HARM' || pg_import_system_collations('data')::text AS x
--- write
COMMENT ON TABLE data.s_1 IS 'HARM'
--- write
ANALYZE data.s_1
--- write
REFRESH MATERIALIZED VIEW data.s_1
