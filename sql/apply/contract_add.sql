-- Store a version of a contract.
-- $1 text: contract id
-- $2 text: version
-- $3 text: document, JSON
-- $4 text: its SHA-256
-- 1 row: id int8
INSERT INTO meta.contract (contract_id, version, document, sha256)
VALUES ($1, $2, $3::text::json, $4)
RETURNING id;
