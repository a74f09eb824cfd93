-- A key that all server processes share.
-- $1 text: what it is for
-- 1 row: value bytea
SELECT value FROM meta.secret WHERE name = $1;
