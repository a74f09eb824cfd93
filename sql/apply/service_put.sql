-- The URL that serves a dataset.
-- $1 int8: dataset
-- $2 text: protocol
-- $3 text: path
-- 0 rows
INSERT INTO meta.service (datum_id, protocol, path) VALUES ($1, $2, $3)
    ON CONFLICT (datum_id, protocol) DO UPDATE SET path = excluded.path;
