-- One input of a flow.
-- $1 int8: flow
-- $2 text: name in the SQL
-- $3 int8: dataset
-- $4 int8: number
-- 0 rows
INSERT INTO meta.source (flow_id, name, datum_id, number) VALUES ($1, $2, $3, $4);
