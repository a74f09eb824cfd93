-- Store a lineage; no row when another has stored the same meanwhile.
-- $1 text: SHA-256
-- $2 text: document, JSON
-- 0..1 row: id int8
INSERT INTO meta.lineage (sha256, document) VALUES ($1, $2::text::jsonb)
    ON CONFLICT (sha256) DO NOTHING
RETURNING id;
