-- Begin a delivery: take the next number of the dataset. Its owner is this very connection, so that
-- a delivery whose connection is gone can be told from one that is still coming.
-- $1 int8: dataset
-- $2 text: media type
-- $3 text?: idempotency key
-- $4 text: subject
-- 1 row: id int8, number int8
WITH next AS (
    UPDATE meta.datum SET last_number = last_number + 1 WHERE id = $1
    RETURNING id, last_number, contract_id
), connection AS (
    SELECT pid || '/' || backend_start AS name FROM pg_stat_activity WHERE pid = pg_backend_pid()
)
INSERT INTO meta.delivery (datum_id, number, state, contract_id, media_type, idempotency_key,
                           subject, owner)
SELECT id, last_number, 'receiving', contract_id, $2, $3, $4, connection.name FROM next, connection
RETURNING id, number;
