-- Every snapshot that was published and still has its tables, by dataset and number, with its
-- segments as text: 41,57.
-- n rows: id int8, datum_id int8, number int8, retired bool, rows int8, bytes int8, sha256 text,
--         run_id int8, contract_id text, contract_version text, published_at timestamptz,
--         segments text?
SELECT snapshot.id, datum_id, number, state = 'retired' AS retired, rows, bytes, snapshot.sha256,
       run_id, contract.contract_id, contract.version AS contract_version, published_at,
       (SELECT string_agg(segment_id::text, ',' ORDER BY ordinal)
          FROM meta.snapshot_segment
         WHERE snapshot_id = snapshot.id) AS segments
  FROM meta.snapshot
  JOIN meta.contract ON contract.id = snapshot.contract_id
 WHERE state IN ('published', 'retired') AND published_at IS NOT NULL
 ORDER BY datum_id, number;
