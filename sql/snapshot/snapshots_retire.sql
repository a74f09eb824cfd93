-- Retire what the retention no longer keeps of an output dataset: published snapshots with enough
-- newer ones, or too old; staged ones that can never be published any more. Never the current one, a
-- pinned one, or one that a current pipeline names.
-- $1 int8: dataset
-- $2 int8: how many are kept
-- $3 int8: days they are kept; 0 for any age
-- n rows: number int8
UPDATE meta.snapshot
   SET state = 'retired', retired_at = now()
  FROM meta.datum
 WHERE datum.id = $1
   AND snapshot.datum_id = $1
   AND snapshot.number IS DISTINCT FROM datum.current_number
   AND NOT EXISTS (SELECT FROM meta.pin WHERE pin.datum_id = $1 AND pin.number = snapshot.number)
   AND NOT EXISTS (SELECT
                     FROM meta.workflow, json_each(workflow.document -> 'inputs') AS input
                    WHERE workflow.is_current
                      AND input.value ->> 'dataset' = 'output.' || datum.name
                      AND input.value ->> 'snapshot' = snapshot.number::text)
   AND CASE snapshot.state
       WHEN 'published' THEN
           ($3 > 0 AND snapshot.published_at < now() - make_interval(days => $3::int4))
           OR snapshot.number NOT IN (SELECT number
                                        FROM meta.snapshot AS newer
                                       WHERE newer.datum_id = $1 AND newer.state = 'published'
                                       ORDER BY number DESC LIMIT $2)
       WHEN 'staged' THEN snapshot.base_number IS DISTINCT FROM datum.current_number
       ELSE false END
RETURNING snapshot.number;
