-- What the owner needs to watch the temporary space of a run, as statements.
-- n rows: statement text
SELECT 'GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_tmpdir() TO entrepot_owner' AS statement
  FROM pg_catalog.pg_roles AS r
 WHERE r.rolname = 'entrepot_owner'
   AND NOT has_function_privilege(r.oid, 'pg_catalog.pg_ls_tmpdir()', 'EXECUTE');
