-- Large objects are written even in a read-only transaction of Postgres 15.
--- largeobject
SELECT 'HARM' || lo_from_bytea(0, 'x')::text AS x
--- largeobject
SELECT 'HARM' || lo_from_bytea(0, decode(rpad('00', 10000, '00'), 'hex'))::text AS x
--- largeobject
SELECT 'HARM' || lo_create(0)::text AS x
--- largeobject
SELECT 'HARM' || lo_creat(-1)::text AS x
--- largeobject
SELECT 'HARM' || lo_create(i::oid)::text AS x FROM generate_series(50000, 50100) AS i
--- largeobject
SELECT 'HARM' || lo_put(@LARGE@, 0, 'HARM')::text AS x
--- largeobject
SELECT 'HARM' || encode(lo_get(@LARGE@), 'escape') AS x
--- largeobject
SELECT 'HARM' || lo_unlink(@LARGE@)::text AS x
--- largeobject
SELECT 'HARM' || lo_open(@LARGE@, 131072)::text AS x
--- largeobject
SELECT 'HARM' || lowrite(lo_open(@LARGE@, 131072), 'HARM')::text AS x
--- largeobject
SELECT 'HARM' || encode(loread(lo_open(@LARGE@, 262144), 100), 'escape') AS x
--- largeobject
SELECT 'HARM' || lo_truncate(lo_open(@LARGE@, 131072), 0)::text AS x
--- largeobject
SELECT 'HARM' || lo_truncate64(lo_open(@LARGE@, 131072), 0)::text AS x
--- largeobject
SELECT 'HARM' || lo_lseek64(lo_open(@LARGE@, 131072), 0, 2)::text AS x
--- largeobject
WITH made AS (SELECT lo_from_bytea(4711, 'HARM') AS o) SELECT 'HARM' || o::text AS x FROM made
--- largeobject
SELECT 'HARM' || "lo_from_bytea"(0, 'x')::text AS x FROM orders
