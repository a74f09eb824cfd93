-- What the roles may use of the schemas that migrations have made and do not have yet, as statements.
-- n rows: statement text
SELECT 'GRANT USAGE ON SCHEMA ' || wanted.schema || ' TO ' || wanted.role AS statement
  FROM (VALUES ('input', 'entrepot_pipeline'),
               ('data', 'entrepot_pipeline'),
               ('data', 'entrepot_reader')) AS wanted (schema, role)
  JOIN pg_catalog.pg_namespace AS n ON n.nspname = wanted.schema
  JOIN pg_catalog.pg_roles AS r ON r.rolname = wanted.role
 WHERE NOT has_schema_privilege(r.oid, n.oid, 'USAGE');
