-- Store a version of a pipeline, or make a stored one current; workflow_uncurrent came before.
-- $1 text: name
-- $2 text: version
-- $3 text: document, JSON
-- $4 text: its SHA-256
-- $5 text: who stores it
-- 1 row: id int8
INSERT INTO meta.workflow (name, version, document, sha256, created_by)
VALUES ($1, $2, $3::text::json, $4, $5)
    ON CONFLICT (name, version) DO UPDATE SET is_current = true
RETURNING id;
