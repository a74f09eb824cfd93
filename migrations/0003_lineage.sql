-- Lineage: which columns of which inputs a snapshot comes from, and names for runs in other systems.

CREATE TABLE meta.lineage (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256 text NOT NULL UNIQUE,
    document jsonb NOT NULL
);
COMMENT ON TABLE meta.lineage IS 'A column lineage, kept once for all snapshots that share it. Never changed once stored.';
COMMENT ON COLUMN meta.lineage.id IS 'Key.';
COMMENT ON COLUMN meta.lineage.sha256 IS 'SHA-256 of the document as it was written.';
COMMENT ON COLUMN meta.lineage.document IS 'Per output column its sources: input (an ordinal of meta.snapshot_input), column, kind; what decides for the whole dataset under dataset.';

ALTER TABLE meta.snapshot ADD COLUMN lineage_id bigint REFERENCES meta.lineage;
COMMENT ON COLUMN meta.snapshot.lineage_id IS 'Where its columns come from; NULL where nobody could tell.';

CREATE TABLE meta.snapshot_input (
    snapshot_id bigint NOT NULL REFERENCES meta.snapshot ON DELETE CASCADE,
    ordinal integer NOT NULL,
    datum_id bigint NOT NULL REFERENCES meta.datum,
    number bigint NOT NULL,
    PRIMARY KEY (snapshot_id, ordinal)
);
COMMENT ON TABLE meta.snapshot_input IS 'What the rows of a snapshot depend on: datasets in pinned states, through all steps.';
COMMENT ON COLUMN meta.snapshot_input.snapshot_id IS 'The snapshot.';
COMMENT ON COLUMN meta.snapshot_input.ordinal IS 'Its place, from 0; the lineage names it by this.';
COMMENT ON COLUMN meta.snapshot_input.datum_id IS 'The dataset.';
COMMENT ON COLUMN meta.snapshot_input.number IS 'Its snapshot or delivery number.';

ALTER TABLE meta.run ADD COLUMN uuid uuid NOT NULL DEFAULT gen_random_uuid();
COMMENT ON COLUMN meta.run.uuid IS 'Its name in OpenLineage events, unlike any other in the world.';

-- Events are read newest first: one when a run began, one when it ended. A run that was cancelled in
-- the queue began when it was asked for.
CREATE INDEX run_begun ON meta.run ((coalesce(started_at, requested_at)), id)
    WHERE started_at IS NOT NULL OR finished_at IS NOT NULL;
CREATE INDEX run_ended ON meta.run (finished_at, id) WHERE finished_at IS NOT NULL;
