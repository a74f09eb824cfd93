-- What the events of a run tell: the run, what it read, what it made, what its rules found.
-- $1 int8: run
-- 0..1 row: uuid text, document text, state text, as_of timestamptz, origin text, error text?,
--   parent_uuid text?, parent_pipeline text?, sources text, outputs text, quality text
SELECT run.uuid::text AS uuid, workflow.document::text AS document, run.state, run.as_of, run.origin,
       coalesce(run.error ->> 'detail', run.error ->> 'title') AS error,
       parent.uuid::text AS parent_uuid, parent.pipeline AS parent_pipeline,
       (SELECT coalesce(json_agg(json_build_object(
                   'layer', datum.layer, 'name', datum.name, 'number', source.number,
                   'contract', contract.contract_id, 'version', contract.version)
                   ORDER BY datum.layer, datum.name, source.number), '[]')
          FROM (SELECT DISTINCT datum_id, number FROM meta.source WHERE flow_id = run.flow_id)
               AS source
          JOIN meta.datum ON datum.id = source.datum_id
          LEFT JOIN meta.delivery ON datum.layer = 'input'
               AND delivery.datum_id = source.datum_id AND delivery.number = source.number
          LEFT JOIN meta.snapshot ON datum.layer = 'output'
               AND snapshot.datum_id = source.datum_id AND snapshot.number = source.number
          JOIN meta.contract ON contract.id
               = coalesce(delivery.contract_id, snapshot.contract_id, datum.contract_id)
       )::text AS sources,
       (SELECT coalesce(json_agg(json_build_object(
                   'name', datum.name, 'number', snapshot.number, 'rows', snapshot.rows,
                   'bytes', snapshot.bytes, 'contract', contract.contract_id,
                   'version', contract.version, 'lineage', lineage.document,
                   'inputs', (SELECT coalesce(json_agg(json_build_object(
                                         'layer', origin.layer, 'name', origin.name)
                                         ORDER BY input.ordinal), '[]')
                                FROM meta.snapshot_input AS input
                                JOIN meta.datum AS origin ON origin.id = input.datum_id
                               WHERE input.snapshot_id = snapshot.id))
                   ORDER BY datum.name), '[]')
          FROM meta.snapshot
          JOIN meta.datum ON datum.id = snapshot.datum_id
          JOIN meta.contract ON contract.id = snapshot.contract_id
          LEFT JOIN meta.lineage ON lineage.id = snapshot.lineage_id
         WHERE snapshot.run_id = run.id)::text AS outputs,
       (SELECT coalesce(json_agg(json_build_object(
                   'layer', datum.layer, 'dataset', datum.name, 'rule', result.rule,
                   'outcome', result.outcome, 'value', result.value, 'message', result.message)
                   ORDER BY result.id), '[]')
          FROM meta.quality_result AS result
          JOIN meta.datum ON datum.id = result.datum_id
         WHERE result.run_id = run.id)::text AS quality
  FROM meta.run
  JOIN meta.workflow ON workflow.id = run.workflow_id
  LEFT JOIN LATERAL (
       SELECT before.uuid, earlier.name AS pipeline
         FROM meta.run AS before
         JOIN meta.workflow AS earlier ON earlier.id = before.workflow_id
        WHERE run.origin = 'pipeline'
          AND before.id::text = run.origin_detail ->> 'run') AS parent ON true
 WHERE run.id = $1;
