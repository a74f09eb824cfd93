-- Does Postgres know a time zone by this very name? Its list is read from many files, so a name that
-- a trigger has already is not looked up again.
-- $1 text: name
-- 1 row: known bool
SELECT CASE WHEN EXISTS (SELECT FROM meta.trigger WHERE timezone = $1) THEN true
            ELSE EXISTS (SELECT FROM pg_catalog.pg_timezone_names WHERE name = $1) END AS known;
