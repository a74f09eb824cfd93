-- Forget the access rules, before those of the folder are stored.
-- $1 int8: catalog
-- 0 rows
DELETE FROM meta.access_rule WHERE catalog_id = $1;
