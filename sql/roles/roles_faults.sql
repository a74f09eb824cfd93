-- Why this database or its roles are not safe to serve with: a sentence per fault, none when all is
-- well. What a superuser may do anyway is not listed again.
-- n rows: fault text
WITH role AS (
    SELECT * FROM pg_catalog.pg_roles
     WHERE rolname IN ('entrepot_owner', 'entrepot_pipeline', 'entrepot_reader')
), pipeline AS (
    SELECT oid FROM role WHERE rolname = 'entrepot_pipeline' AND NOT rolsuper
), fault (place, text) AS (
    SELECT 1, 'the server is Postgres ' || current_setting('server_version')
              || ': it must be 15 or newer'
     WHERE current_setting('server_version_num')::int < 150000
     UNION ALL
    SELECT 2, 'the database ' || datname || ' has the encoding ' || pg_encoding_to_char(encoding)
              || ': it must be UTF8'
      FROM pg_catalog.pg_database
     WHERE datname = current_database() AND pg_encoding_to_char(encoding) <> 'UTF8'
     UNION ALL
    SELECT 3, 'the client encoding is ' || current_setting('client_encoding') || ': it must be UTF8'
     WHERE current_setting('client_encoding') <> 'UTF8'
     UNION ALL
    SELECT 4, name || ' does not exist'
      FROM (VALUES ('entrepot_owner'), ('entrepot_pipeline'), ('entrepot_reader')) AS wanted (name)
     WHERE NOT EXISTS (SELECT FROM role WHERE rolname = name)
     UNION ALL
    SELECT 5, rolname || ' is a superuser' FROM role WHERE rolsuper
     UNION ALL
    SELECT 6, rolname || ' may create roles' FROM role WHERE rolcreaterole AND NOT rolsuper
     UNION ALL
    SELECT 7, rolname || ' may pass by row security' FROM role WHERE rolbypassrls AND NOT rolsuper
     UNION ALL
    SELECT 8, rolname || ' may replicate' FROM role WHERE rolreplication AND NOT rolsuper
     UNION ALL
    SELECT 9, rolname || ' may create databases' FROM role
     WHERE rolcreatedb AND rolname <> 'entrepot_owner' AND NOT rolsuper
     UNION ALL
    SELECT 10, rolname || ' may not log in' FROM role WHERE NOT rolcanlogin
     UNION ALL
    SELECT 11, r.rolname || ' is a member of ' || g.rolname
      FROM role AS r
      JOIN pg_catalog.pg_roles AS g ON pg_has_role(r.oid, g.oid, 'MEMBER') AND r.oid <> g.oid
     WHERE NOT r.rolsuper
       AND (r.rolname = 'entrepot_pipeline' OR g.rolsuper OR g.rolcreaterole
            OR g.rolname IN ('pg_execute_server_program', 'pg_read_server_files',
                             'pg_write_server_files'))
     UNION ALL
    SELECT 12, 'entrepot_pipeline may create in the database ' || d.datname
      FROM pipeline AS p
      JOIN pg_catalog.pg_database AS d ON has_database_privilege(p.oid, d.oid, 'CREATE')
     UNION ALL
    SELECT 13, 'entrepot_pipeline may make temporary tables in the database ' || d.datname
      FROM pipeline AS p
      JOIN pg_catalog.pg_database AS d ON has_database_privilege(p.oid, d.oid, 'TEMPORARY')
     WHERE d.datname = current_database()
     UNION ALL
    SELECT 14, 'entrepot_pipeline may create in the schema ' || n.nspname
      FROM pipeline AS p
      JOIN pg_catalog.pg_namespace AS n ON has_schema_privilege(p.oid, n.oid, 'CREATE')
     UNION ALL
    SELECT 15, 'entrepot_pipeline may create in the tablespace ' || t.spcname
      FROM pipeline AS p
      JOIN pg_catalog.pg_tablespace AS t ON has_tablespace_privilege(p.oid, t.oid, 'CREATE')
     UNION ALL
    SELECT 16, 'entrepot_pipeline owns ' || count(*) || ' objects'
      FROM pipeline AS p
      JOIN pg_catalog.pg_shdepend AS s
           ON s.refclassid = 'pg_catalog.pg_authid'::regclass AND s.refobjid = p.oid
          AND s.deptype = 'o'
    HAVING count(*) > 0
     UNION ALL
    SELECT 17, 'entrepot_pipeline may look into the schema meta'
      FROM pipeline AS p
      JOIN pg_catalog.pg_namespace AS n ON n.nspname = 'meta'
     WHERE has_schema_privilege(p.oid, n.oid, 'USAGE')
     UNION ALL
    SELECT 18, 'entrepot_pipeline may write to ' || count(DISTINCT c.oid) || ' tables, one is '
               || min(c.oid::regclass::text)
      FROM pipeline AS p
     CROSS JOIN pg_catalog.pg_class AS c
     CROSS JOIN aclexplode(c.relacl) AS a
     WHERE a.grantee IN (0, p.oid) AND c.relnamespace <> 'pg_catalog'::regnamespace
       AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER')
    HAVING count(*) > 0
)
SELECT text AS fault
  FROM fault
 ORDER BY place, text;
