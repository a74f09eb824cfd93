-- What a rule found.
-- $1 int8: run
-- $2 int8: dataset
-- $3 int4: place in the contract
-- $4 text: rule
-- $5 text: metric
-- $6 text[]: columns
-- $7 text: severity
-- $8 text?: dimension
-- $9 text: outcome
-- $10 bool: does it block
-- $11 float8?: value
-- $12 text?: operator
-- $13 text?: threshold, JSON
-- $14 text?: unit
-- $15 int8?: rows that failed
-- $16 int8: rows
-- $17 int8: milliseconds
-- $18 text?: message
-- $19 text?: description
-- $20 text?: business impact
-- 1 row: id int8
INSERT INTO meta.quality_result (run_id, datum_id, ordinal, rule, metric, columns, severity,
                                 dimension, outcome, blocks, value, operator, threshold, unit,
                                 failing_rows, total_rows, ms, message, description,
                                 business_impact)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::text::jsonb, $14, $15, $16, $17, $18,
        $19, $20)
RETURNING id;
