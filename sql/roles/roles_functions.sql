-- Built-in functions a pipeline must not call and may, and the language of DO, as statements that
-- give them to the owner and take them from everybody else. Names that this version of Postgres
-- lacks match nothing.
-- n rows: statement text
WITH dangerous (pattern, reason) AS (
    VALUES ('pg\_%advisory%', 'holds locks of the whole database, and can fill the lock table'),
           ('lo\_%', 'large objects are written even in a read-only transaction'),
           ('loread', 'as above'),
           ('lowrite', 'as above'),
           ('pg\_sleep%', 'holds a connection and does nothing'),
           ('pg\_notify', 'forges the messages the servers send each other'),
           ('set\_config', 'changes limits, and the role in the middle of a statement'),
           ('pg\_terminate\_backend', 'ends the runs of other pipelines'),
           ('pg\_cancel\_backend', 'cancels the runs of other pipelines'),
           ('pg\_export\_snapshot', 'writes a file'),
           ('%\_to\_xml%', 'runs SQL that is given as text, or reads tables named by text'),
           ('ts\_stat', 'runs SQL that is given as text'),
           ('ts\_rewrite', 'runs SQL that is given as text'),
           ('format', 'makes a gigabyte of one short text, deaf to a time limit'),
           ('repeat', 'makes a gigabyte of one short text'),
           ('array\_fill', 'makes gigabytes of one value'),
           ('pg\_logical\_emit\_message', 'writes to the WAL'),
           ('txid\_current', 'takes a transaction number, so reading becomes writing'),
           ('pg\_current\_xact\_id', 'takes a transaction number, so reading becomes writing')
)
SELECT 'GRANT EXECUTE ON ROUTINE pg_catalog.' || p.oid::regprocedure || ' TO entrepot_owner; '
       'REVOKE EXECUTE ON ROUTINE pg_catalog.' || p.oid::regprocedure
       || ' FROM PUBLIC, entrepot_pipeline' AS statement
  FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_roles AS r ON r.rolname = 'entrepot_pipeline'
 WHERE p.pronamespace = 'pg_catalog'::regnamespace
   AND EXISTS (SELECT FROM dangerous AS d WHERE p.proname LIKE d.pattern)
   AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
UNION ALL
SELECT 'GRANT USAGE ON LANGUAGE plpgsql TO entrepot_owner; '
       'REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC, entrepot_pipeline'
  FROM pg_catalog.pg_language AS l
  JOIN pg_catalog.pg_roles AS r ON r.rolname = 'entrepot_pipeline'
 WHERE l.lanname = 'plpgsql' AND has_language_privilege(r.oid, l.oid, 'USAGE')
 ORDER BY 1;
