-- Every version of every contract.
-- n rows: contract_id text, version text, sha256 text, document text
SELECT contract_id, version, sha256, document::text AS document
  FROM meta.contract
 ORDER BY contract_id, id;
