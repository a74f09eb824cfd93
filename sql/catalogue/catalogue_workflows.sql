-- Every version of every pipeline, oldest first.
-- n rows: id int8, name text, version text, sha256 text, document text, is_current bool, created_at timestamptz, created_by text
SELECT id, name, version, sha256, document::text AS document, is_current, created_at, created_by
  FROM meta.workflow
 ORDER BY id;
