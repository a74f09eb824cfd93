-- Every dataset with the contract in force, oldest first.
-- n rows: id int8, layer text, name text, major int4, mode text, current_number int8?, retired bool,
--         contract_key int8, contract_id text, contract_version text, created_at timestamptz
SELECT datum.id, layer, name, major, mode, current_number, retired_at IS NOT NULL AS retired,
       contract.id AS contract_key, contract.contract_id, contract.version AS contract_version,
       datum.created_at
  FROM meta.datum
  JOIN meta.contract ON contract.id = datum.contract_id
 ORDER BY datum.id;
