-- One run, for the control port.
-- $1 int8: run
-- 0..1 row: id int8, pipeline text, version text, state text, parameters text, publish bool, as_of timestamptz, requested_by text, requested_at timestamptz, started_at timestamptz?, finished_at timestamptz?, step text?, rows int8, bytes int8, error text?, outputs text, inputs text
SELECT run.id, workflow.name AS pipeline, workflow.version, run.state,
       run.parameters::text AS parameters, run.publish, run.as_of, run.requested_by,
       run.requested_at, run.started_at, run.finished_at, run.step, run.rows, run.bytes,
       run.error::text AS error,
       (SELECT coalesce(json_agg(json_build_object(
                   'dataset', datum.name, 'snapshot', snapshot.number, 'state', snapshot.state,
                   'rows', snapshot.rows, 'bytes', snapshot.bytes) ORDER BY snapshot.id), '[]')::text
          FROM meta.snapshot
          JOIN meta.datum ON datum.id = snapshot.datum_id
         WHERE snapshot.run_id = run.id) AS outputs,
       (SELECT coalesce(json_agg(json_build_object(
                   'name', source.name, 'dataset', datum.layer || '.' || datum.name,
                   'number', source.number) ORDER BY source.name), '[]')::text
          FROM meta.source
          JOIN meta.datum ON datum.id = source.datum_id
         WHERE source.flow_id = run.flow_id) AS inputs
  FROM meta.run
  JOIN meta.workflow ON workflow.id = run.workflow_id
 WHERE run.id = $1;
