-- Store a trigger of a pipeline. What it waits for begins now: earlier deliveries are taken as seen.
-- One that is there keeps what it has done; a schedule that is another is computed anew.
-- $1 text: pipeline
-- $2 text: name
-- $3 text: kind
-- $4 text: parameters, JSON
-- $5 text?: input dataset
-- $6 text?: pipeline it follows
-- $7 text?: cron expression
-- $8 text?: time zone
-- $9 text?: policy for missed due times
-- 0 rows
INSERT INTO meta.trigger AS old (pipeline, name, kind, parameters, dataset, upstream, cron,
                                 timezone, missed, datum_id, seen)
SELECT $1, $2, $3, $4::text::jsonb, $5, $6, $7, $8, $9, datum.id, coalesce(datum.current_number, 0)
  FROM (SELECT) AS one
  LEFT JOIN LATERAL (
      SELECT id, current_number
        FROM meta.datum
       WHERE layer = 'input' AND name = $5 AND retired_at IS NULL
       ORDER BY major DESC
       LIMIT 1) AS datum ON true
    ON CONFLICT (pipeline, name) DO UPDATE
   SET kind = excluded.kind, parameters = excluded.parameters, dataset = excluded.dataset,
       upstream = excluded.upstream, cron = excluded.cron, timezone = excluded.timezone,
       missed = excluded.missed, claims = old.claims + 1,
       datum_id = CASE WHEN old.dataset = excluded.dataset THEN old.datum_id ELSE excluded.datum_id END,
       seen = CASE WHEN old.dataset = excluded.dataset THEN old.seen ELSE excluded.seen END,
       pending_run_id = CASE WHEN old.upstream = excluded.upstream THEN old.pending_run_id END,
       due_at = CASE WHEN old.cron = excluded.cron AND old.timezone = excluded.timezone
                     THEN old.due_at END;
