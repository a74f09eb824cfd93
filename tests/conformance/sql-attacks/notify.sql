-- Messages the servers send each other.
--- notify
SELECT 'HARM' || pg_notify('canary', 'forged')::text AS x
--- notify
SELECT 'HARM' || pg_catalog.pg_notify('canary', name) AS x FROM orders
--- notify
NOTIFY canary
--- notify
NOTIFY canary, 'forged'
--- notify
SELECT 1 AS x; NOTIFY canary, 'forged'
--- notify
SELECT 1 AS x; COMMIT; NOTIFY canary
--- notify
SELECT 'HARM' || count(pg_notify('canary', g::text))::text AS x FROM generate_series(1, 1000) AS g
--- notify
LISTEN canary
--- notify
SELECT 'HARM' || pg_listening_channels() || pg_notify('canary', '')::text AS x
