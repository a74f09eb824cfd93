-- The migrations this database has had, in their order.
-- n rows: number int4, name text, sha256 text
SELECT number, name, sha256
  FROM meta.migration
 ORDER BY number;
