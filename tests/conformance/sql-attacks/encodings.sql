-- Comments, quotes, escapes, letters that look like others.
--- secret
SELECT/**/value/**/AS/**/x/**/FROM/**/meta/**/./**/hidden
--- secret
SELECT value AS x FROM meta . /* a /* nested */ comment */ hidden
--- write
SELECT 1 AS x /* ; */ ; DROP TABLE data.s_1
--- secret
SELECT E'\'' || value AS x FROM meta.hidden --'
--- secret
SELECT '\' || value AS x FROM meta.hidden --'
--- secret
SELECT $a$ $b$ $a$ || value AS x FROM meta.hidden
--- secret
SELECT 'a' 'b' || value AS x FROM meta.hidden
--- secret
SELECT 'a'
'b' || value AS x FROM meta.hidden
--- time
SELECT U&"pg\005fsleep"(3)::text AS x
--- time
SELECT U&"pg!005fsleep" UESCAPE '!' (3)::text AS x
--- time
SELECT "pg_sleep"(3)::text AS x
--- time
SELECT PG_SLEEP(3)::text AS x
--- time
SELECT pg_catalog . "pg_sleep" (3)::text AS x
--- time
SELECT pg_catalog
-- a comment
.
pg_sleep(3)::text AS x
--- secret
SELECT ｖalue AS x FROM meta.hidden
--- secret
SELECT value AS x FROM mеta.hidden
--- secret
SELECT value AS x FROM meta.hidden​
--- time
SELECT pg_sleep (3)::text AS x
--- secret
SELECT x FROM "orders""; DROP TABLE data.s_1; --" AS q (x)
--- secret
SELECT '' AS "x"") AS q; DROP TABLE data.s_1; --"
--- secret
SELECT N'a' || value AS x FROM meta.hidden
--- other
SELECT B'1'::text || X'1F'::text || 'HARM' AS x
--- secret
SELECT chr(0) || 'HARM' AS x
--- secret
SELECT convert_from('\xff'::bytea, 'UTF8') || 'HARM' AS x
--- other
SELECT convert('\x41'::bytea, 'UTF8', 'LATIN1')::text || 'HARM' AS x
--- secret
SELECT 1 AS "@VICTIM@", value AS x FROM meta.hidden
--- time
SELECT 1 AS x WHERE EXISTS(SELECT"pg_sleep"(3))
--- time
SELECT 1.e0AS x,pg_sleep(3)
