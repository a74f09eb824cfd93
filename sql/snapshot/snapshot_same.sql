-- The current snapshot of a dataset, when it was made by a flow of this fingerprint.
-- $1 int8: dataset
-- $2 text: fingerprint
-- 0..1 row: number int8
SELECT snapshot.number
  FROM meta.datum
  JOIN meta.snapshot ON snapshot.datum_id = datum.id AND snapshot.number = datum.current_number
  JOIN meta.flow ON flow.id = snapshot.flow_id
 WHERE datum.id = $1 AND flow.fingerprint = $2;
