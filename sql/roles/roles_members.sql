-- Memberships that are missing, as statements. The owner may end what the other two run; never the
-- other way. An administrator without superuser rights must be of the owner to make its database.
-- n rows: statement text
SELECT 'GRANT ' || wanted.name || ' TO entrepot_owner' AS statement
  FROM (VALUES ('entrepot_pipeline'), ('entrepot_reader')) AS wanted (name)
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_auth_members AS m
                     JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid
                     JOIN pg_catalog.pg_roles AS o ON o.oid = m.member
                    WHERE g.rolname = wanted.name AND o.rolname = 'entrepot_owner')
UNION ALL
SELECT 'GRANT entrepot_owner TO ' || quote_ident(a.rolname)
  FROM pg_catalog.pg_roles AS a
  JOIN pg_catalog.pg_roles AS o ON o.rolname = 'entrepot_owner'
 WHERE a.rolname = current_user AND a.rolcreaterole AND NOT pg_has_role(a.oid, o.oid, 'USAGE');
