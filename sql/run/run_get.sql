-- One run as the control port shows it, and the revision of the catalogue it is seen with; read on
-- the read lane.
-- $1 int8: run
-- 0..1 row: ended bool, revision int8, document text
SELECT run.finished_at IS NOT NULL AS ended,
       (SELECT number FROM meta.revision) AS revision,
       json_build_object(
           'id', run.id, 'pipeline', workflow.name, 'version', workflow.version,
           'state', run.state, 'publish', run.publish, 'parameters', run.parameters,
           'as_of', run.as_of, 'origin', run.origin, 'origin_detail', run.origin_detail,
           'retry_of', run.retry_of, 'requested_by', run.requested_by,
           'requested_at', run.requested_at, 'started_at', run.started_at,
           'finished_at', run.finished_at, 'step', run.step, 'rows', run.rows,
           'bytes', run.bytes,
           'inputs', (SELECT coalesce(json_agg(json_build_object(
                                 'name', source.name, 'dataset', datum.layer || '.' || datum.name,
                                 'number', source.number) ORDER BY source.name), '[]')
                        FROM meta.source
                        JOIN meta.datum ON datum.id = source.datum_id
                       WHERE source.flow_id = run.flow_id),
           'steps', (SELECT coalesce(json_agg(json_build_object(
                                'name', step.name, 'state', step.state, 'rows', step.rows,
                                'bytes', step.bytes, 'started_at', step.started_at,
                                'finished_at', step.finished_at) ORDER BY step.ordinal), '[]')
                       FROM meta.step
                      WHERE step.run_id = run.id),
           'outputs', (SELECT coalesce(json_agg(json_build_object(
                                  'dataset', datum.name, 'snapshot', snapshot.number,
                                  'state', snapshot.state, 'rows', snapshot.rows,
                                  'bytes', snapshot.bytes) ORDER BY snapshot.id), '[]')
                         FROM meta.snapshot
                         JOIN meta.datum ON datum.id = snapshot.datum_id
                        WHERE snapshot.run_id = run.id),
           'error', run.error)::text AS document
  FROM meta.run
  JOIN meta.workflow ON workflow.id = run.workflow_id
 WHERE run.id = $1;
