-- What the roles may use of what migrations have made and do not have yet, as statements. The
-- reader shows runs and finds the snapshot of a time, so it reads the tables that describe them;
-- nothing else of meta.
-- n rows: statement text
SELECT 'GRANT USAGE ON SCHEMA ' || wanted.schema || ' TO ' || wanted.role AS statement
  FROM (VALUES ('input', 'entrepot_pipeline'),
               ('data', 'entrepot_pipeline'),
               ('data', 'entrepot_reader'),
               ('meta', 'entrepot_reader')) AS wanted (schema, role)
  JOIN pg_catalog.pg_namespace AS n ON n.nspname = wanted.schema
  JOIN pg_catalog.pg_roles AS r ON r.rolname = wanted.role
 WHERE NOT has_schema_privilege(r.oid, n.oid, 'USAGE')
UNION ALL
SELECT 'GRANT SELECT ON meta.' || wanted.name || ' TO entrepot_reader'
  FROM (VALUES ('run'), ('workflow'), ('snapshot'), ('datum'), ('source'), ('step'),
               ('revision'), ('publication')) AS wanted (name)
  JOIN pg_catalog.pg_class AS c ON c.relname = wanted.name
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = 'meta'
  JOIN pg_catalog.pg_roles AS r ON r.rolname = 'entrepot_reader'
 WHERE NOT has_table_privilege(r.oid, c.oid, 'SELECT');
