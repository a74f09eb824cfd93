-- A new snapshot, staged, under the next number of its dataset, with its segments in order.
-- $1 int8: dataset
-- $2 int8: contract
-- $3 int8: flow
-- $4 int8: run
-- $5 int8: rows
-- $6 int8: bytes
-- $7 text: SHA-256
-- $8 int8?: the snapshot that must be current when it is published; NULL for none yet
-- $9 int8[]: segments
-- 1 row: id int8, number int8
WITH next AS (
    UPDATE meta.datum SET last_number = last_number + 1 WHERE id = $1 RETURNING last_number
), added AS (
    INSERT INTO meta.snapshot (datum_id, number, contract_id, datastore_id, flow_id, run_id, state,
                               rows, bytes, sha256, base_number)
    SELECT $1, last_number, $2, datastore.id, $3, $4, 'staged', $5, $6, $7, $8
      FROM next, meta.datastore
     WHERE datastore.name = 'postgres'
    RETURNING id, number
), parts AS (
    INSERT INTO meta.snapshot_segment (snapshot_id, ordinal, segment_id)
    SELECT added.id, part.ordinal, part.id
      FROM added, unnest($9::int8[]) WITH ORDINALITY AS part (id, ordinal)
)
SELECT id, number FROM added;
