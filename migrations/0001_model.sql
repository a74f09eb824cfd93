-- The application model: what a data product is made of. See docs/architecture.md.
-- meta: the catalogue. input: one table per input dataset. data: one table per segment.

CREATE SCHEMA IF NOT EXISTS meta;
CREATE SCHEMA input;
CREATE SCHEMA data;
COMMENT ON SCHEMA meta IS 'What the product knows of itself.';
COMMENT ON SCHEMA input IS 'The input layer: one append-only table per input dataset.';
COMMENT ON SCHEMA data IS 'The output layer: immutable tables, one per segment of a snapshot.';

CREATE TABLE meta.domain (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE
);
COMMENT ON TABLE meta.domain IS 'A domain of the mesh: the part of the organisation that answers for products.';
COMMENT ON COLUMN meta.domain.id IS 'Key.';
COMMENT ON COLUMN meta.domain.name IS 'Name, as the product descriptor writes it.';

CREATE TABLE meta.catalog (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    domain_id bigint NOT NULL REFERENCES meta.domain,
    product_id text NOT NULL UNIQUE,
    name text NOT NULL,
    version text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('source-aligned', 'aggregate', 'consumer-aligned')),
    open_discovery boolean NOT NULL,
    descriptor json NOT NULL,
    descriptor_sha256 text NOT NULL,
    access json NOT NULL,
    access_sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE meta.catalog IS 'The catalogue of one data product: what the descriptor says of the whole.';
COMMENT ON COLUMN meta.catalog.id IS 'Key.';
COMMENT ON COLUMN meta.catalog.domain_id IS 'The domain that owns the product.';
COMMENT ON COLUMN meta.catalog.product_id IS 'The id of the product in its ODPS descriptor.';
COMMENT ON COLUMN meta.catalog.name IS 'Name for people.';
COMMENT ON COLUMN meta.catalog.version IS 'Version of the product.';
COMMENT ON COLUMN meta.catalog.kind IS 'Which kind of data product it is.';
COMMENT ON COLUMN meta.catalog.open_discovery IS 'Whether the discovery port answers without a token.';
COMMENT ON COLUMN meta.catalog.descriptor IS 'The ODPS descriptor as it was applied.';
COMMENT ON COLUMN meta.catalog.descriptor_sha256 IS 'SHA-256 of its canonical JSON.';
COMMENT ON COLUMN meta.catalog.access IS 'The access document as it was applied.';
COMMENT ON COLUMN meta.catalog.access_sha256 IS 'SHA-256 of its canonical JSON.';
COMMENT ON COLUMN meta.catalog.applied_at IS 'When the folder last changed it.';

CREATE TABLE meta.contract (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contract_id text NOT NULL,
    version text NOT NULL,
    document json NOT NULL,
    sha256 text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (contract_id, version)
);
COMMENT ON TABLE meta.contract IS 'A version of a data contract (ODCS). Never changed once stored.';
COMMENT ON COLUMN meta.contract.id IS 'Key.';
COMMENT ON COLUMN meta.contract.contract_id IS 'The id of the contract in its document.';
COMMENT ON COLUMN meta.contract.version IS 'Its version.';
COMMENT ON COLUMN meta.contract.document IS 'The ODCS document.';
COMMENT ON COLUMN meta.contract.sha256 IS 'SHA-256 of its canonical JSON.';
COMMENT ON COLUMN meta.contract.created_at IS 'When it was stored.';

CREATE TABLE meta.datastore (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('postgres'))
);
COMMENT ON TABLE meta.datastore IS 'A place where bytes of snapshots are.';
COMMENT ON COLUMN meta.datastore.id IS 'Key.';
COMMENT ON COLUMN meta.datastore.name IS 'Its name.';
COMMENT ON COLUMN meta.datastore.kind IS 'What it is.';

CREATE TABLE meta.datum (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    catalog_id bigint NOT NULL REFERENCES meta.catalog,
    layer text NOT NULL CHECK (layer IN ('input', 'output')),
    name text NOT NULL,
    major integer NOT NULL,
    contract_id bigint NOT NULL REFERENCES meta.contract,
    mode text NOT NULL CHECK (mode IN ('append', 'replace', 'upsert')),
    current_number bigint,
    last_number bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz,
    UNIQUE (catalog_id, layer, name, major)
);
COMMENT ON TABLE meta.datum IS 'A dataset of one layer in one major version of its contract.';
COMMENT ON COLUMN meta.datum.id IS 'Key; the tables of input datums are named after it.';
COMMENT ON COLUMN meta.datum.catalog_id IS 'The product it belongs to.';
COMMENT ON COLUMN meta.datum.layer IS 'Taken in, or given out.';
COMMENT ON COLUMN meta.datum.name IS 'Name of the port and of the dataset in URLs.';
COMMENT ON COLUMN meta.datum.major IS 'Major version of the contract.';
COMMENT ON COLUMN meta.datum.contract_id IS 'The contract version in force.';
COMMENT ON COLUMN meta.datum.mode IS 'What the current state of an input is: all rows, the last delivery, the last row per key.';
COMMENT ON COLUMN meta.datum.current_number IS 'The pointer: number of the snapshot or delivery that readers see; NULL before the first.';
COMMENT ON COLUMN meta.datum.last_number IS 'The highest number given out so far.';
COMMENT ON COLUMN meta.datum.created_at IS 'When it was first applied.';
COMMENT ON COLUMN meta.datum.retired_at IS 'When the folder no longer named it; NULL while it is served.';

CREATE TABLE meta.workflow (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    version text NOT NULL,
    document json NOT NULL,
    sha256 text NOT NULL,
    is_current boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    UNIQUE (name, version)
);
COMMENT ON TABLE meta.workflow IS 'A version of a pipeline. Never changed once stored.';
COMMENT ON COLUMN meta.workflow.id IS 'Key.';
COMMENT ON COLUMN meta.workflow.name IS 'Name of the pipeline.';
COMMENT ON COLUMN meta.workflow.version IS 'Its version.';
COMMENT ON COLUMN meta.workflow.document IS 'The pipeline document.';
COMMENT ON COLUMN meta.workflow.sha256 IS 'SHA-256 of its canonical JSON.';
COMMENT ON COLUMN meta.workflow.is_current IS 'Whether runs use this version.';
COMMENT ON COLUMN meta.workflow.created_at IS 'When it was stored.';
COMMENT ON COLUMN meta.workflow.created_by IS 'Who stored it: a subject, or the folder.';

CREATE TABLE meta.transform (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workflow_id bigint NOT NULL REFERENCES meta.workflow,
    ordinal integer NOT NULL,
    name text NOT NULL,
    sql text NOT NULL,
    output text,
    UNIQUE (workflow_id, ordinal)
);
COMMENT ON TABLE meta.transform IS 'A step of a workflow.';
COMMENT ON COLUMN meta.transform.id IS 'Key.';
COMMENT ON COLUMN meta.transform.workflow_id IS 'The workflow.';
COMMENT ON COLUMN meta.transform.ordinal IS 'Its place, from 1.';
COMMENT ON COLUMN meta.transform.name IS 'Name of the step.';
COMMENT ON COLUMN meta.transform.sql IS 'The SELECT as the author wrote it.';
COMMENT ON COLUMN meta.transform.output IS 'The output dataset it makes; NULL where it is private to the run.';

CREATE TABLE meta.flow (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workflow_id bigint NOT NULL REFERENCES meta.workflow,
    fingerprint text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE meta.flow IS 'How data came to be: one run of a workflow with what it read.';
COMMENT ON COLUMN meta.flow.id IS 'Key.';
COMMENT ON COLUMN meta.flow.workflow_id IS 'The pipeline version that ran.';
COMMENT ON COLUMN meta.flow.fingerprint IS 'SHA-256 of all that decides the result: SQL, parameters, inputs, contracts.';
COMMENT ON COLUMN meta.flow.started_at IS 'When its inputs were pinned.';

CREATE TABLE meta.source (
    flow_id bigint NOT NULL REFERENCES meta.flow ON DELETE CASCADE,
    name text NOT NULL,
    datum_id bigint NOT NULL REFERENCES meta.datum,
    number bigint NOT NULL,
    PRIMARY KEY (flow_id, name)
);
COMMENT ON TABLE meta.source IS 'What a flow read: a dataset in one pinned state.';
COMMENT ON COLUMN meta.source.flow_id IS 'The flow.';
COMMENT ON COLUMN meta.source.name IS 'The name the SQL knows it by.';
COMMENT ON COLUMN meta.source.datum_id IS 'The dataset.';
COMMENT ON COLUMN meta.source.number IS 'Its snapshot or delivery number.';

CREATE TABLE meta.run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workflow_id bigint NOT NULL REFERENCES meta.workflow,
    state text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'running', 'checking', 'staged', 'published', 'failed',
            'cancelled', 'superseded', 'reused')),
    parameters jsonb NOT NULL,
    publish boolean NOT NULL DEFAULT true,
    as_of timestamptz NOT NULL DEFAULT now(),
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    idempotency_key text,
    cancel_requested boolean NOT NULL DEFAULT false,
    owner text,
    fence bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    step text,
    rows bigint NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0,
    flow_id bigint REFERENCES meta.flow,
    error jsonb
);
COMMENT ON TABLE meta.run IS 'A request to run a pipeline, and what became of it.';
COMMENT ON COLUMN meta.run.id IS 'Key.';
COMMENT ON COLUMN meta.run.workflow_id IS 'The pipeline version.';
COMMENT ON COLUMN meta.run.state IS 'Where it is.';
COMMENT ON COLUMN meta.run.parameters IS 'Values of the pipeline''s parameters.';
COMMENT ON COLUMN meta.run.publish IS 'Whether a good result is published at once.';
COMMENT ON COLUMN meta.run.as_of IS 'The time the SQL sees as now.';
COMMENT ON COLUMN meta.run.requested_by IS 'The subject that asked.';
COMMENT ON COLUMN meta.run.requested_at IS 'When.';
COMMENT ON COLUMN meta.run.idempotency_key IS 'Key of the request, so that asking twice is asking once.';
COMMENT ON COLUMN meta.run.cancel_requested IS 'Whether it is to be stopped.';
COMMENT ON COLUMN meta.run.owner IS 'The server process that took it.';
COMMENT ON COLUMN meta.run.fence IS 'Grows with every taking; writes of an older taking are refused.';
COMMENT ON COLUMN meta.run.lease_until IS 'The owner is taken for dead after it.';
COMMENT ON COLUMN meta.run.started_at IS 'When it was taken.';
COMMENT ON COLUMN meta.run.finished_at IS 'When it reached its last state.';
COMMENT ON COLUMN meta.run.step IS 'The step under way.';
COMMENT ON COLUMN meta.run.rows IS 'Rows made so far.';
COMMENT ON COLUMN meta.run.bytes IS 'Bytes made so far, in the binary format of COPY.';
COMMENT ON COLUMN meta.run.flow_id IS 'What it read, once pinned.';
COMMENT ON COLUMN meta.run.error IS 'The problem that ended it.';

CREATE TABLE meta.snapshot (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    datum_id bigint NOT NULL REFERENCES meta.datum,
    number bigint NOT NULL,
    contract_id bigint NOT NULL REFERENCES meta.contract,
    datastore_id bigint NOT NULL REFERENCES meta.datastore,
    flow_id bigint NOT NULL REFERENCES meta.flow,
    run_id bigint NOT NULL REFERENCES meta.run,
    state text NOT NULL CHECK (state IN ('staged', 'published', 'retired', 'dropped')),
    rows bigint NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    retired_at timestamptz,
    UNIQUE (datum_id, number)
);
COMMENT ON TABLE meta.snapshot IS 'An immutable state of an output dataset.';
COMMENT ON COLUMN meta.snapshot.id IS 'Key.';
COMMENT ON COLUMN meta.snapshot.datum_id IS 'The dataset.';
COMMENT ON COLUMN meta.snapshot.number IS 'Its number within the dataset, from 1: ETag, time travel, rollback.';
COMMENT ON COLUMN meta.snapshot.contract_id IS 'The contract version it was checked against.';
COMMENT ON COLUMN meta.snapshot.datastore_id IS 'Where its bytes are.';
COMMENT ON COLUMN meta.snapshot.flow_id IS 'How it came to be.';
COMMENT ON COLUMN meta.snapshot.run_id IS 'The run that made it.';
COMMENT ON COLUMN meta.snapshot.state IS 'Staged: checked, not yet seen. Retired: no longer answered. Dropped: its tables are gone.';
COMMENT ON COLUMN meta.snapshot.rows IS 'Rows.';
COMMENT ON COLUMN meta.snapshot.bytes IS 'Bytes in the binary format of COPY.';
COMMENT ON COLUMN meta.snapshot.sha256 IS 'SHA-256 of those bytes as they were stored.';
COMMENT ON COLUMN meta.snapshot.created_at IS 'When it was made.';
COMMENT ON COLUMN meta.snapshot.published_at IS 'When readers first saw it.';
COMMENT ON COLUMN meta.snapshot.retired_at IS 'When it was retired.';

CREATE TABLE meta.segment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rows bigint NOT NULL DEFAULT 0,
    dropped_at timestamptz
);
COMMENT ON TABLE meta.segment IS 'A table data.s_<id> that holds rows of snapshots and is never changed.';
COMMENT ON COLUMN meta.segment.id IS 'Key, and name of the table.';
COMMENT ON COLUMN meta.segment.rows IS 'Rows.';
COMMENT ON COLUMN meta.segment.dropped_at IS 'When the table was dropped; NULL while it is there.';

CREATE TABLE meta.snapshot_segment (
    snapshot_id bigint NOT NULL REFERENCES meta.snapshot,
    ordinal integer NOT NULL,
    segment_id bigint NOT NULL REFERENCES meta.segment,
    PRIMARY KEY (snapshot_id, ordinal)
);
COMMENT ON TABLE meta.snapshot_segment IS 'The segments a snapshot is made of, in order.';
COMMENT ON COLUMN meta.snapshot_segment.snapshot_id IS 'The snapshot.';
COMMENT ON COLUMN meta.snapshot_segment.ordinal IS 'Its place, from 1.';
COMMENT ON COLUMN meta.snapshot_segment.segment_id IS 'The segment.';

CREATE TABLE meta.service (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    datum_id bigint NOT NULL REFERENCES meta.datum,
    protocol text NOT NULL,
    path text NOT NULL,
    UNIQUE (datum_id, protocol)
);
COMMENT ON TABLE meta.service IS 'A URL that serves a dataset.';
COMMENT ON COLUMN meta.service.id IS 'Key.';
COMMENT ON COLUMN meta.service.datum_id IS 'The dataset.';
COMMENT ON COLUMN meta.service.protocol IS 'How it is spoken to: rest.';
COMMENT ON COLUMN meta.service.path IS 'Path below the base URL.';

CREATE TABLE meta.delivery (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    datum_id bigint NOT NULL REFERENCES meta.datum,
    number bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('receiving', 'accepted', 'rejected', 'interrupted')),
    contract_id bigint NOT NULL REFERENCES meta.contract,
    media_type text NOT NULL,
    idempotency_key text,
    subject text NOT NULL,
    owner text NOT NULL,
    rows bigint NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0,
    sha256 text,
    reason text,
    received_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    UNIQUE (datum_id, number)
);
COMMENT ON TABLE meta.delivery IS 'One push of data into an input dataset.';
COMMENT ON COLUMN meta.delivery.id IS 'Key.';
COMMENT ON COLUMN meta.delivery.datum_id IS 'The dataset.';
COMMENT ON COLUMN meta.delivery.number IS 'Its number within the dataset: the state that includes it.';
COMMENT ON COLUMN meta.delivery.state IS 'What became of it.';
COMMENT ON COLUMN meta.delivery.contract_id IS 'The contract version it was checked against.';
COMMENT ON COLUMN meta.delivery.media_type IS 'The format it came in.';
COMMENT ON COLUMN meta.delivery.idempotency_key IS 'Key of the request, so that sending twice is storing once.';
COMMENT ON COLUMN meta.delivery.subject IS 'Who sent it.';
COMMENT ON COLUMN meta.delivery.owner IS 'The server process that receives it.';
COMMENT ON COLUMN meta.delivery.rows IS 'Rows stored.';
COMMENT ON COLUMN meta.delivery.bytes IS 'Bytes received.';
COMMENT ON COLUMN meta.delivery.sha256 IS 'SHA-256 of the bytes received; NULL before the end.';
COMMENT ON COLUMN meta.delivery.reason IS 'Why it was rejected.';
COMMENT ON COLUMN meta.delivery.received_at IS 'When it began.';
COMMENT ON COLUMN meta.delivery.finished_at IS 'When it was accepted or rejected.';

CREATE TABLE meta.quality_result (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id bigint NOT NULL REFERENCES meta.run,
    datum_id bigint NOT NULL REFERENCES meta.datum,
    rule text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('pass', 'warn', 'fail', 'error', 'not-evaluated')),
    value double precision,
    message text,
    checked_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE meta.quality_result IS 'What one quality rule found in one snapshot or run.';
COMMENT ON COLUMN meta.quality_result.id IS 'Key.';
COMMENT ON COLUMN meta.quality_result.run_id IS 'The run that checked.';
COMMENT ON COLUMN meta.quality_result.datum_id IS 'The dataset checked.';
COMMENT ON COLUMN meta.quality_result.rule IS 'Name of the rule.';
COMMENT ON COLUMN meta.quality_result.outcome IS 'What it found.';
COMMENT ON COLUMN meta.quality_result.value IS 'The value measured.';
COMMENT ON COLUMN meta.quality_result.message IS 'What it means.';
COMMENT ON COLUMN meta.quality_result.checked_at IS 'When.';

CREATE TABLE meta.access_rule (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    catalog_id bigint NOT NULL REFERENCES meta.catalog,
    ordinal integer NOT NULL,
    name text NOT NULL,
    effect text NOT NULL CHECK (effect IN ('permit', 'forbid')),
    document json NOT NULL,
    UNIQUE (catalog_id, ordinal)
);
COMMENT ON TABLE meta.access_rule IS 'A rule of the access document: who may do what.';
COMMENT ON COLUMN meta.access_rule.id IS 'Key.';
COMMENT ON COLUMN meta.access_rule.catalog_id IS 'The product.';
COMMENT ON COLUMN meta.access_rule.ordinal IS 'Its place in the document.';
COMMENT ON COLUMN meta.access_rule.name IS 'Its name.';
COMMENT ON COLUMN meta.access_rule.effect IS 'What it does.';
COMMENT ON COLUMN meta.access_rule.document IS 'The rule.';

CREATE TABLE meta.secret (
    name text PRIMARY KEY,
    value bytea NOT NULL
);
COMMENT ON TABLE meta.secret IS 'Random keys that all server processes share; read by the owner alone.';
COMMENT ON COLUMN meta.secret.name IS 'What it is for.';
COMMENT ON COLUMN meta.secret.value IS '32 random bytes.';

CREATE TABLE meta.revision (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    number bigint NOT NULL,
    changed_at timestamptz NOT NULL
);
COMMENT ON TABLE meta.revision IS 'The revision of the catalogue: one row, grown by every change of what is served.';
COMMENT ON COLUMN meta.revision.single IS 'Keeps it one row.';
COMMENT ON COLUMN meta.revision.number IS 'The revision.';
COMMENT ON COLUMN meta.revision.changed_at IS 'When it last grew.';

CREATE INDEX delivery_key ON meta.delivery (datum_id, idempotency_key)
 WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX workflow_current ON meta.workflow (name) WHERE is_current;
CREATE INDEX run_open ON meta.run (id) WHERE state IN ('queued', 'running', 'checking');
CREATE UNIQUE INDEX run_key ON meta.run (workflow_id, idempotency_key)
 WHERE idempotency_key IS NOT NULL;

-- gen_random_uuid is unpredictable and in every Postgres 15; two of them hash to one key
INSERT INTO meta.secret (name, value)
VALUES ('skiptoken', sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea));
INSERT INTO meta.datastore (name, kind) VALUES ('postgres', 'postgres');
INSERT INTO meta.revision (number, changed_at) VALUES (1, now());
