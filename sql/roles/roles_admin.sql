-- The server, and whether it has the product's database, before anything is done.
-- $1 text: name of the database
-- 1 row: version int4, has_database bool
SELECT current_setting('server_version_num')::int4 AS version,
       EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1) AS has_database;
