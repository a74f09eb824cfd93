-- Bytes of the temporary files of a session.
-- $1 int4: its server process
-- 1 row: bytes int8
SELECT coalesce(sum(size), 0)::int8 AS bytes
  FROM pg_ls_tmpdir()
 WHERE starts_with(name, 'pgsql_tmp' || $1 || '.');
