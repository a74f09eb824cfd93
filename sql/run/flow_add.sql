-- What a run reads, once it is pinned.
-- $1 int8: workflow
-- $2 text: fingerprint
-- 1 row: id int8
INSERT INTO meta.flow (workflow_id, fingerprint) VALUES ($1, $2) RETURNING id;
