-- How snapshots came to be: their pipeline, what they depend on, and their column lineage.
-- $1 int8[]: snapshots
-- n rows: datum_id int8, number int8, run_id int8, pipeline text, version text, document text?,
--   inputs text
SELECT snapshot.datum_id, snapshot.number, snapshot.run_id, workflow.name AS pipeline,
       workflow.version, lineage.document::text AS document,
       (SELECT coalesce(json_agg(json_build_object(
                   'dataset', datum.layer || '.' || datum.name, 'number', input.number)
                   ORDER BY input.ordinal), '[]')
          FROM meta.snapshot_input AS input
          JOIN meta.datum ON datum.id = input.datum_id
         WHERE input.snapshot_id = snapshot.id)::text AS inputs
  FROM meta.snapshot
  JOIN meta.flow ON flow.id = snapshot.flow_id
  JOIN meta.workflow ON workflow.id = flow.workflow_id
  LEFT JOIN meta.lineage ON lineage.id = snapshot.lineage_id
 WHERE snapshot.id = ANY ($1)
 ORDER BY snapshot.datum_id, snapshot.number;
