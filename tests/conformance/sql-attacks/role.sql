-- Becoming somebody else: the role of the session is not the fence, the login is.
--- secret
RESET ROLE; SELECT value AS x FROM meta.hidden
--- secret
SET ROLE entrepot_owner; SELECT value AS x FROM meta.hidden
--- secret
SET SESSION AUTHORIZATION entrepot_owner; SELECT value AS x FROM meta.hidden
--- secret
SET LOCAL ROLE entrepot_owner; SELECT value AS x FROM meta.hidden
--- secret
SET ROLE NONE; SELECT value AS x FROM meta.hidden
--- role
SELECT 'HARM' || set_config('role', 'entrepot_owner', true) AS x
--- role
SELECT 'HARM' || set_config('role', 'none', true) AS x
--- role
SELECT 'HARM' || set_config('session_authorization', 'entrepot_owner', true) AS x
--- role
SELECT 'HARM' || pg_catalog.set_config('role', 'entrepot_owner', false) AS x
--- role
SELECT 'HARM' || "set_config"('role', 'entrepot_owner', false) AS x
--- secret
SELECT set_config('role', 'none', true), query_to_xml('SELECT * FROM meta.hidden', true, true, '')::text AS x
--- secret
SELECT set_config('role', 'entrepot_owner', true), table_to_xml('meta.hidden', true, true, '')::text AS x
--- secret
SELECT (SELECT set_config('role', 'entrepot_owner', true)) || query_to_xml('SELECT * FROM meta.hidden', true, true, '')::text AS x
--- secret
WITH a AS MATERIALIZED (SELECT set_config('role', 'entrepot_owner', true)) SELECT h.value AS x FROM a, meta.hidden AS h
--- secret
SELECT CASE WHEN set_config('role', 'entrepot_owner', true) IS NOT NULL THEN (SELECT max(value) FROM meta.hidden) END AS x
--- secret
SELECT meta.reveal() AS x
--- secret
SELECT reveal() AS x
--- secret
SELECT * FROM meta.reveal() AS f (x)
--- secret
SELECT x FROM ROWS FROM (meta.reveal()) AS f (x)
--- secret
SELECT (o).reveal AS x FROM orders AS o
--- secret
ALTER ROLE entrepot_pipeline SUPERUSER; SELECT value AS x FROM meta.hidden
--- secret
GRANT entrepot_owner TO entrepot_pipeline; SELECT value AS x FROM meta.hidden
--- role
GRANT SELECT ON ALL TABLES IN SCHEMA meta TO PUBLIC
--- role
CREATE ROLE harm SUPERUSER LOGIN
--- role
ALTER ROLE entrepot_pipeline SET search_path = meta
--- secret
SELECT value AS x FROM meta.hidden WHERE set_config('row_security', 'off', true) IS NOT NULL
