-- Begin a delivery: take the next number of the dataset.
-- $1 int8: dataset
-- $2 text: media type
-- $3 text?: idempotency key
-- $4 text: subject
-- $5 text: server process
-- 1 row: id int8, number int8
WITH next AS (
    UPDATE meta.datum SET last_number = last_number + 1 WHERE id = $1
    RETURNING id, last_number, contract_id
)
INSERT INTO meta.delivery (datum_id, number, state, contract_id, media_type, idempotency_key,
                           subject, owner)
SELECT id, last_number, 'receiving', contract_id, $2, $3, $4, $5 FROM next
RETURNING id, number;
