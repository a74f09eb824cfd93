-- Every dataset with the contract in force, oldest first.
-- n rows: id int8, layer text, name text, major int4, mode text, current_number int8?, retired bool, contract_pk int8, contract_id text, contract_version text, contract_sha256 text, document text, created_at timestamptz
SELECT datum.id, layer, name, major, mode, current_number, retired_at IS NOT NULL AS retired,
       contract.id AS contract_pk, contract.contract_id, contract.version AS contract_version,
       contract.sha256 AS contract_sha256, document::text AS document, datum.created_at
  FROM meta.datum
  JOIN meta.contract ON contract.id = datum.contract_id
 ORDER BY datum.id;
