-- A new snapshot, staged, under the next number of its dataset.
-- $1 int8: dataset
-- $2 int8: contract
-- $3 int8: flow
-- $4 int8: run
-- $5 int8: rows
-- $6 int8: bytes
-- $7 text: SHA-256
-- 1 row: id int8, number int8
WITH next AS (
    UPDATE meta.datum SET last_number = last_number + 1 WHERE id = $1 RETURNING last_number
)
INSERT INTO meta.snapshot (datum_id, number, contract_id, datastore_id, flow_id, run_id, state, rows,
                           bytes, sha256)
SELECT $1, last_number, $2, datastore.id, $3, $4, 'staged', $5, $6, $7
  FROM next, meta.datastore
 WHERE datastore.name = 'postgres'
RETURNING id, number;
