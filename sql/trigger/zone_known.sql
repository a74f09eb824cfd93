-- Does Postgres know a time zone by this very name?
-- $1 text: name
-- 1 row: known bool
SELECT EXISTS (SELECT FROM pg_catalog.pg_timezone_names WHERE name = $1) AS known;
