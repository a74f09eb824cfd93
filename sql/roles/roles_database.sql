-- What everybody may do in this database and our three roles need not, as statements: first what must
-- be granted by name, then what is taken from everybody.
-- n rows: statement text
WITH database AS (
    SELECT d.oid, quote_ident(d.datname) AS name, coalesce(d.datacl, acldefault('d', d.datdba)) AS acl
      FROM pg_catalog.pg_database AS d
     WHERE d.datname = current_database()
), granted AS (
    SELECT coalesce(r.rolname, '') AS to_role, a.privilege_type
      FROM database AS d CROSS JOIN aclexplode(d.acl) AS a
      LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = a.grantee
), wanted AS (
    SELECT 1 AS place, 'GRANT ' || w.privilege || ' ON DATABASE ' || d.name || ' TO ' || w.role
           AS statement
      FROM database AS d
     CROSS JOIN (VALUES ('entrepot_owner', 'CREATE'), ('entrepot_owner', 'CONNECT'),
                        ('entrepot_owner', 'TEMPORARY'), ('entrepot_pipeline', 'CONNECT'),
                        ('entrepot_reader', 'CONNECT')) AS w (role, privilege)
     WHERE NOT EXISTS (SELECT FROM granted AS g
                        WHERE g.to_role = w.role AND g.privilege_type = w.privilege)
     UNION ALL
    -- an administrator who came in because everybody may must still come in afterwards
    SELECT 2, 'GRANT CONNECT ON DATABASE ' || d.name || ' TO ' || quote_ident(a.rolname)
      FROM database AS d
      JOIN pg_catalog.pg_roles AS a ON a.rolname = current_user AND NOT a.rolsuper
     WHERE EXISTS (SELECT FROM granted WHERE to_role = '')
       AND NOT EXISTS (SELECT FROM granted AS g
                        WHERE g.to_role = a.rolname AND g.privilege_type = 'CONNECT')
     UNION ALL
    SELECT 3, 'REVOKE ALL ON DATABASE ' || d.name || ' FROM PUBLIC'
      FROM database AS d
     WHERE EXISTS (SELECT FROM granted WHERE to_role = '')
     UNION ALL
    SELECT 4, 'REVOKE ALL ON SCHEMA public FROM PUBLIC'
      FROM pg_catalog.pg_namespace AS n
     WHERE n.nspname = 'public'
       AND EXISTS (SELECT FROM aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS a
                    WHERE a.grantee = 0)
)
SELECT statement
  FROM wanted
 ORDER BY place, statement;
