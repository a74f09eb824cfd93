-- Triggers for which there is something to do: schedules that are due, or to be computed; new
-- deliveries; pipelines that published. A schedule is computed again when a clock that was ahead did
-- it, and once a day, since the rules of time zones change. A trigger waits for the end of the last run it made: what happens meanwhile becomes one run after it. A delivery that
-- run has read already needs none, and one is followed only once every input has data.
-- $1 timestamptz: now
-- n rows: id int8, kind text, name text, claims int8, workflow_id int8, parameters text, cron text?, timezone text?, missed text?, due_at timestamptz?, dataset text?, datum_id int8?, number int8?, upstream text?, pending_run_id int8?
SELECT trigger.id, trigger.kind, trigger.name, claims, workflow.id AS workflow_id,
       trigger.parameters::text AS parameters, cron, timezone, missed,
       CASE WHEN due_at > $1 OR armed_at > $1::timestamptz + interval '1 day' THEN NULL
            ELSE due_at END AS due_at,
       dataset, datum.id AS datum_id, datum.current_number AS number, upstream, pending_run_id
  FROM meta.trigger
  JOIN meta.workflow ON workflow.name = trigger.pipeline AND workflow.is_current
  LEFT JOIN meta.run ON run.id = trigger.last_run_id
  LEFT JOIN LATERAL (
      SELECT id, current_number
        FROM meta.datum
       WHERE layer = 'input' AND name = trigger.dataset AND retired_at IS NULL
       ORDER BY major DESC
       LIMIT 1) AS datum ON true
 WHERE CASE kind
           WHEN 'schedule' THEN due_at IS NULL OR armed_at > $1::timestamptz + interval '1 day'
                                OR (due_at > $1 AND armed_at < $1::timestamptz - interval '1 day')
                                OR (due_at <= $1 AND (run.id IS NULL OR run.finished_at IS NOT NULL))
           WHEN 'pipeline' THEN pending_run_id IS NOT NULL
                                AND (run.id IS NULL OR run.finished_at IS NOT NULL)
           ELSE (run.id IS NULL OR run.finished_at IS NOT NULL)
                AND datum.current_number > CASE WHEN datum.id = trigger.datum_id THEN seen ELSE 0 END
                AND datum.current_number > coalesce(
                        (SELECT max(source.number) FROM meta.source
                          WHERE source.flow_id = run.flow_id AND source.datum_id = datum.id), 0)
                AND NOT EXISTS (
                        SELECT FROM json_each(workflow.document->'inputs') AS input
                         WHERE NOT EXISTS (
                                   SELECT FROM meta.datum AS read
                                    WHERE read.retired_at IS NULL
                                      AND read.current_number IS NOT NULL
                                      AND input.value->>'dataset'
                                          IN (read.layer || '.' || read.name,
                                              CASE read.layer WHEN 'input' THEN read.name END)))
       END
 ORDER BY due_at NULLS FIRST, trigger.id
 LIMIT 1000;
