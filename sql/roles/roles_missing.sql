-- The login roles that do not exist yet, as statements that make them, without any right of their own.
-- n rows: statement text
SELECT 'CREATE ROLE ' || wanted.name || ' LOGIN' || wanted.options AS statement
  FROM (VALUES (1, 'entrepot_owner', ''),
               (2, 'entrepot_pipeline', ' NOINHERIT CONNECTION LIMIT 16'),
               (3, 'entrepot_reader', '')) AS wanted (place, name, options)
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = wanted.name)
 ORDER BY wanted.place;
