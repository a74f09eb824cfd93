-- Queue the runs of a backfill in their order.
-- $1 int8: backfill
-- $2 text[]: parameters of each, JSON
-- $3 bool: publish good results at once
-- 1 row: runs int8, told bool
WITH added AS (
    INSERT INTO meta.run (workflow_id, parameters, publish, requested_by, origin, origin_detail,
                          backfill_id)
    SELECT workflow_id, parameters::jsonb, $3, requested_by, 'backfill',
           jsonb_build_object('backfill', backfill.id, 'place', place), backfill.id
      FROM meta.backfill, unnest($2::text[]) WITH ORDINALITY AS listed (parameters, place)
     WHERE backfill.id = $1
     ORDER BY place
    RETURNING id
)
SELECT count(*) AS runs, pg_notify('entrepot', 'run') IS NOT NULL AS told FROM added;
