-- A version of a pipeline.
-- $1 text: name
-- $2 text: version
-- 0..1 row: id int8, sha256 text, is_current bool
SELECT id, sha256, is_current FROM meta.workflow WHERE name = $1 AND version = $2;
