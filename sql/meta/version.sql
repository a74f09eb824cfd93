-- The version of the server, as a number: 150020 for 15.20.
-- 1 row: version int4
SELECT current_setting('server_version_num')::int4 AS version;
