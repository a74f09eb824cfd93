-- What functions, operators and types are, by their object ids. Arguments as the lists write them. Of
-- an array its element is told. safe: of pg_catalog, not volatile, not run as its owner. An operator's
-- code is the function it calls; the relation of a row type is its table.
-- $1 int8[]: functions
-- $2 int8[]: operators
-- $3 int8[]: types
-- n rows: kind text, id int8, name text, arguments text, safe bool, is_cast bool, other int8
SELECT 'function' AS kind, p.oid::int8 AS id, p.proname::text AS name,
       pg_catalog.oidvectortypes(p.proargtypes) AS arguments,
       p.pronamespace = 'pg_catalog'::regnamespace AND p.provolatile <> 'v' AND NOT p.prosecdef AS safe,
       EXISTS (SELECT FROM pg_catalog.pg_cast AS c
                WHERE c.castfunc = p.oid AND p.oid < 16384) AS is_cast,
       0::int8 AS other
  FROM pg_catalog.pg_proc AS p
 WHERE p.oid = ANY ($1::int8[]::oid[])
UNION ALL
SELECT 'operator', o.oid::int8, o.oprname::text,
       coalesce(pg_catalog.format_type(nullif(o.oprleft, 0), NULL) || ', ', '')
       || pg_catalog.format_type(o.oprright, NULL),
       o.oprnamespace = 'pg_catalog'::regnamespace AND p.pronamespace = 'pg_catalog'::regnamespace
       AND p.provolatile <> 'v' AND NOT p.prosecdef,
       false, o.oprcode::oid::int8
  FROM pg_catalog.pg_operator AS o
  JOIN pg_catalog.pg_proc AS p ON p.oid = o.oprcode
 WHERE o.oid = ANY ($2::int8[]::oid[])
UNION ALL
SELECT 'type', t.oid::int8, coalesce(e.typname, t.typname)::text, '',
       coalesce(e.typnamespace, t.typnamespace) = 'pg_catalog'::regnamespace, false,
       coalesce(e.typrelid, t.typrelid)::int8
  FROM pg_catalog.pg_type AS t
  LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem AND t.typcategory = 'A'
 WHERE t.oid = ANY ($3::int8[]::oid[]);
