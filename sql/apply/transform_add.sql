-- Store a step of a pipeline.
-- $1 int8: workflow
-- $2 int4: place
-- $3 text: name
-- $4 text: SQL
-- $5 text?: output dataset
-- 0 rows
INSERT INTO meta.transform (workflow_id, ordinal, name, sql, output)
VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (workflow_id, ordinal) DO NOTHING;
