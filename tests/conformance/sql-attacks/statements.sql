-- More than one statement, other statements, ways out of the wrapping.
--- write
SELECT 1 AS x; DROP TABLE data.s_1
--- write
SELECT 1 AS x; COMMIT; DROP TABLE data.s_1
--- write
SELECT 1 AS x; ROLLBACK; BEGIN READ WRITE; DELETE FROM data.s_1; COMMIT
--- write
SELECT 1 AS x) AS q; DROP TABLE data.s_1; --
--- write
SELECT 1 AS x) AS q) AS r) TO STDOUT; DROP TABLE data.s_1; --
--- write
SELECT 1 AS x) AS q) AS r) TO STDOUT; COMMIT; DELETE FROM data.s_1; COPY (SELECT 1
--- secret
SELECT 1 AS x) AS q UNION ALL SELECT * FROM (SELECT id FROM data.private
--- secret
SELECT 'a' AS x) AS q UNION ALL SELECT value FROM meta.hidden --
--- secret
SELECT 'a' AS x) AS q, meta.hidden AS h, LATERAL (SELECT h.value
--- secret
SELECT 'a' AS x) AS q CROSS JOIN (SELECT value FROM meta.hidden
--- secret
SELECT 'a' AS x /*
--- secret
SELECT 'a' AS x --
--- secret
SELECT 'a' AS x) AS q --
--- write
BEGIN
--- write
COMMIT
--- write
ROLLBACK
--- write
START TRANSACTION READ WRITE
--- write
SET TRANSACTION READ WRITE
--- write
SAVEPOINT a
--- write
PREPARE TRANSACTION 'harm'
--- secret
PREPARE p AS SELECT value FROM meta.hidden
--- secret
EXECUTE p
--- secret
DECLARE c CURSOR WITH HOLD FOR SELECT value FROM meta.hidden
--- secret
FETCH ALL FROM c
--- write
DEALLOCATE ALL
--- write
DO $$ BEGIN PERFORM 1; EXECUTE 'DROP TABLE data.s_1'; END $$
--- write
DO LANGUAGE sql 'DELETE FROM data.s_1'
--- write
CALL data.wipe()
--- write
EXPLAIN ANALYZE DELETE FROM data.s_1
--- secret
EXPLAIN SELECT value AS x FROM meta.hidden
--- secret
SHOW data_directory
--- write
CREATE FUNCTION data.harm() RETURNS int LANGUAGE sql AS 'SELECT 1'
--- write
CREATE VIEW data.harm AS SELECT * FROM meta.hidden
--- write
CREATE RULE "_RETURN" AS ON SELECT TO data.s_2 DO INSTEAD SELECT 1, 'HARM'
--- write
CREATE EXTENSION dblink
--- write
VACUUM FULL data.s_1
--- write
CHECKPOINT
--- write
REINDEX DATABASE postgres
--- write
CLUSTER
--- write
SECURITY LABEL ON TABLE data.s_1 IS 'HARM'
--- write
VALUES (1); DELETE FROM data.s_1
--- secret
SELECT $1 AS x
--- secret
SELECT * FROM orders WHERE CURRENT OF c
--- write
;
--- write
;;DROP TABLE data.s_1
