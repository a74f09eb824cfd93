-- Built-in functions a pipeline must not call and may, and the language of DO, as statements that
-- give them to the owner (and to those who watch the server: pg_monitor) and take them from everybody
-- else. Names that this version of Postgres lacks match nothing.
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
           ('pg\_logical%', 'writes to the WAL, or moves what others replicate'),
           ('pg\_%replication\_%', 'makes, moves or drops what others replicate'),
           ('txid\_current', 'takes a transaction number, so reading becomes writing'),
           ('pg\_current\_xact\_id', 'takes a transaction number, so reading becomes writing'),
           ('xpath%', 'runs a path of XML for as long as it takes, deaf to a time limit'),
           ('xmlexists', 'as above'),
           ('pg\_stat\_get\_activity', 'tells the SQL and the process ids of other runs'),
           ('pg\_stat\_get\_backend%', 'as above'),
           ('pg\_stat\_get\_progress\_info', 'as above'),
           ('pg\_stat\_get\_wal\_%', 'tells of other servers'),
           ('pg\_lock\_status', 'holds up every lock of the server while it looks'),
           ('pg\_%blocking\_pids', 'as above'),
           ('pg\_isolation\_test%', 'as above'),
           ('pg\_cursor', 'there are no cursors here'),
           ('pg\_prepared\_%', 'tells of what other sessions have prepared'),
           ('nextval', 'changes a sequence'),
           ('setval', 'changes a sequence'),
           ('lastval', 'tells of a sequence'),
           ('currval', 'tells of a sequence'),
           ('current\_query', 'gives the SQL that binds the step'),
           ('pg\_stat\_reset%', 'forgets what was counted'),
           ('pg\_nextoid', 'takes object ids'),
           ('binary\_upgrade%', 'changes the catalogue'),
           ('gin\_clean%', 'changes an index'),
           ('brin\_%ange%', 'changes an index'),
           ('brin\_summarize\_new\_values', 'changes an index')
)
SELECT 'GRANT EXECUTE ON ROUTINE pg_catalog.' || p.oid::regprocedure
       || CASE WHEN p.proname LIKE 'pg\_%' THEN ' TO entrepot_owner, pg_monitor; '
               ELSE ' TO entrepot_owner; ' END ||
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
