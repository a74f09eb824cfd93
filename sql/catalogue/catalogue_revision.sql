-- The revision of the catalogue.
-- 1 row: number int8
SELECT number FROM meta.revision;
