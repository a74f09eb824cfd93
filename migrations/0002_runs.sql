-- Runs of several steps, their tables, what started them, and what moved the pointer of a dataset.

ALTER TABLE meta.run
    ADD COLUMN origin text NOT NULL DEFAULT 'request'
        CHECK (origin IN ('request', 'retry', 'backfill', 'delivery', 'schedule', 'pipeline')),
    ADD COLUMN origin_detail jsonb,
    ADD COLUMN retry_of bigint REFERENCES meta.run,
    ADD COLUMN pins jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN expected jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN meta.run.origin IS 'What started it.';
COMMENT ON COLUMN meta.run.origin_detail IS 'The delivery, the due time, the run before: what the origin is about.';
COMMENT ON COLUMN meta.run.retry_of IS 'The run that this one repeats.';
COMMENT ON COLUMN meta.run.pins IS 'States of inputs that were asked for: {"orders": 41}.';
COMMENT ON COLUMN meta.run.expected IS 'Snapshots that must be current when it publishes: {"daily": 17}.';

ALTER TABLE meta.segment ADD COLUMN run_id bigint REFERENCES meta.run;
COMMENT ON COLUMN meta.segment.run_id IS 'The run that made it.';
CREATE INDEX segment_run ON meta.segment (run_id) WHERE dropped_at IS NULL;

ALTER TABLE meta.snapshot ADD COLUMN base_number bigint;
COMMENT ON COLUMN meta.snapshot.base_number IS 'The snapshot that must be current when this one is published; NULL for none yet.';

CREATE TABLE meta.step (
    run_id bigint NOT NULL REFERENCES meta.run ON DELETE CASCADE,
    ordinal integer NOT NULL,
    name text NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'done', 'reused', 'failed')),
    fingerprint text NOT NULL,
    segment_id bigint REFERENCES meta.segment,
    rows bigint NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0,
    sha256 text,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    PRIMARY KEY (run_id, ordinal)
);
COMMENT ON TABLE meta.step IS 'A step of a run that makes a table of its own.';
COMMENT ON COLUMN meta.step.run_id IS 'The run.';
COMMENT ON COLUMN meta.step.ordinal IS 'Place of the step in its pipeline, from 1.';
COMMENT ON COLUMN meta.step.name IS 'Name of the step.';
COMMENT ON COLUMN meta.step.state IS 'Where it is; reused: its table was made by an earlier run.';
COMMENT ON COLUMN meta.step.fingerprint IS 'SHA-256 of all that decides its rows.';
COMMENT ON COLUMN meta.step.segment_id IS 'Its table.';
COMMENT ON COLUMN meta.step.rows IS 'Rows of the table.';
COMMENT ON COLUMN meta.step.bytes IS 'Bytes in the binary format of COPY.';
COMMENT ON COLUMN meta.step.sha256 IS 'SHA-256 of those bytes.';
COMMENT ON COLUMN meta.step.started_at IS 'When it began.';
COMMENT ON COLUMN meta.step.finished_at IS 'When it ended.';
CREATE INDEX step_fingerprint ON meta.step (fingerprint) WHERE state IN ('done', 'reused');

CREATE TABLE meta.publication (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    datum_id bigint NOT NULL REFERENCES meta.datum,
    kind text NOT NULL CHECK (kind IN ('publish', 'rollback')),
    from_number bigint,
    to_number bigint NOT NULL,
    run_id bigint REFERENCES meta.run,
    subject text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE meta.publication IS 'Every move of the pointer of an output dataset; nothing is ever taken out.';
COMMENT ON COLUMN meta.publication.id IS 'Key.';
COMMENT ON COLUMN meta.publication.datum_id IS 'The dataset.';
COMMENT ON COLUMN meta.publication.kind IS 'A new snapshot, or back to an earlier one.';
COMMENT ON COLUMN meta.publication.from_number IS 'The snapshot before; NULL for none.';
COMMENT ON COLUMN meta.publication.to_number IS 'The snapshot that readers see from then on.';
COMMENT ON COLUMN meta.publication.run_id IS 'The run that published.';
COMMENT ON COLUMN meta.publication.subject IS 'Who asked for it.';
COMMENT ON COLUMN meta.publication.at IS 'When.';
CREATE INDEX publication_datum ON meta.publication (datum_id, id);

CREATE TABLE meta.pin (
    datum_id bigint NOT NULL REFERENCES meta.datum,
    number bigint NOT NULL,
    reason text NOT NULL,
    subject text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (datum_id, number)
);
COMMENT ON TABLE meta.pin IS 'Snapshots that are kept whatever the retention says.';
COMMENT ON COLUMN meta.pin.datum_id IS 'The dataset.';
COMMENT ON COLUMN meta.pin.number IS 'The snapshot.';
COMMENT ON COLUMN meta.pin.reason IS 'Why it is kept.';
COMMENT ON COLUMN meta.pin.subject IS 'Who asked for it.';
COMMENT ON COLUMN meta.pin.created_at IS 'When.';
