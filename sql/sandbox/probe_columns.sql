-- The columns of the probe's view, in their order.
-- $1 int8: the view
-- n rows: name text, type text, type_oid int8
SELECT a.attname::text AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       a.atttypid::int8 AS type_oid
  FROM pg_catalog.pg_attribute AS a
 WHERE a.attrelid = $1::int8::oid AND a.attnum > 0
 ORDER BY a.attnum;
