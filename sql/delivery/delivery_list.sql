-- Deliveries of a dataset, newest first.
-- $1 int8: dataset
-- $2 int8: only numbers below this
-- $3 int8: at most so many
-- n rows: number int8, state text, contract_version text, media_type text, subject text, rows int8, bytes int8, sha256 text?, reason text?, received_at timestamptz, finished_at timestamptz?
SELECT delivery.number, delivery.state, contract.version AS contract_version, media_type, subject,
       rows, bytes, delivery.sha256, reason, received_at, finished_at
  FROM meta.delivery
  JOIN meta.contract ON contract.id = delivery.contract_id
 WHERE datum_id = $1 AND number < $2
 ORDER BY number DESC
 LIMIT $3;
