-- A version of a contract.
-- $1 text: contract id
-- $2 text: version
-- 0..1 row: id int8, sha256 text
SELECT id, sha256 FROM meta.contract WHERE contract_id = $1 AND version = $2;
