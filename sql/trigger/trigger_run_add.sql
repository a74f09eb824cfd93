-- Queue a run that a trigger makes.
-- $1 int8: workflow
-- $2 text: parameters, JSON
-- $3 text: kind of the trigger
-- $4 text: its name
-- $5 timestamptz?: due time, which the SQL sees as now
-- $6 text?: input dataset
-- $7 int8?: delivery
-- $8 text?: pipeline
-- $9 int8?: its run
-- 1 row: id int8
INSERT INTO meta.run (workflow_id, parameters, requested_by, origin, origin_detail, as_of)
VALUES ($1, $2::text::jsonb, 'trigger', $3,
        jsonb_strip_nulls(jsonb_build_object('trigger', $4, 'due_at', $5::timestamptz,
                                             'dataset', 'input.' || $6, 'delivery', $7::int8,
                                             'pipeline', $8, 'run', $9::int8)),
        coalesce($5, now()))
RETURNING id;
