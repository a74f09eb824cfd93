-- A dataset under the contract version now in force.
-- $1 int8: catalog
-- $2 text: layer
-- $3 text: name
-- $4 int4: major version
-- $5 int8: contract
-- $6 text: mode
-- 1 row: id int8
INSERT INTO meta.datum (catalog_id, layer, name, major, contract_id, mode)
VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (catalog_id, layer, name, major) DO UPDATE
   SET contract_id = excluded.contract_id, mode = excluded.mode, retired_at = NULL
RETURNING id;
