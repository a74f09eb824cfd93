-- Columns of tables that the probe's view depends on; number 0 without a name is the table as a
-- whole.
-- $1 int8: the view
-- n rows: relation int8, number int4, name text?
SELECT DISTINCT d.refobjid::int8 AS relation, d.refobjsubid AS number, a.attname::text AS name
  FROM pg_catalog.pg_rewrite AS r
  JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::regclass
                                AND d.objid = r.oid
                                AND d.refclassid = 'pg_catalog.pg_class'::regclass
                                AND d.refobjid <> r.ev_class
  LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                                        AND d.refobjsubid <> 0
 WHERE r.ev_class = $1::int8::oid
 ORDER BY 1, 2;
