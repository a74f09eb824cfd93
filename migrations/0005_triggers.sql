-- What starts runs without being asked, and backfills: lists of runs asked for at once.

CREATE TABLE meta.trigger (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pipeline text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('delivery', 'schedule', 'pipeline')),
    parameters jsonb NOT NULL,
    dataset text,
    upstream text,
    cron text,
    timezone text,
    missed text CHECK (missed IN ('once', 'skip', 'all')),
    claims bigint NOT NULL DEFAULT 0,
    datum_id bigint REFERENCES meta.datum,
    seen bigint NOT NULL DEFAULT 0,
    pending_run_id bigint REFERENCES meta.run ON DELETE SET NULL,
    due_at timestamptz,
    armed_at timestamptz,
    left_out bigint NOT NULL DEFAULT 0,
    last_due_at timestamptz,
    last_fired_at timestamptz,
    last_run_id bigint REFERENCES meta.run ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (pipeline, name)
);
COMMENT ON TABLE meta.trigger IS 'What starts runs of the current version of a pipeline, and how far it has come.';
COMMENT ON COLUMN meta.trigger.id IS 'Key.';
COMMENT ON COLUMN meta.trigger.pipeline IS 'The pipeline it starts.';
COMMENT ON COLUMN meta.trigger.name IS 'Its name, as written or made of what it waits for; what it has done is kept while versions of the pipeline have this name.';
COMMENT ON COLUMN meta.trigger.kind IS 'What it waits for.';
COMMENT ON COLUMN meta.trigger.parameters IS 'Values of the pipeline''s parameters in its runs.';
COMMENT ON COLUMN meta.trigger.dataset IS 'Delivery: the input dataset.';
COMMENT ON COLUMN meta.trigger.upstream IS 'Pipeline: the one that must have published.';
COMMENT ON COLUMN meta.trigger.cron IS 'Schedule: the cron expression.';
COMMENT ON COLUMN meta.trigger.timezone IS 'Schedule: the time zone it is meant in.';
COMMENT ON COLUMN meta.trigger.missed IS 'Schedule: what becomes of due times that passed while nobody was there.';
COMMENT ON COLUMN meta.trigger.claims IS 'Grows with every change, so that of several server processes one fires.';
COMMENT ON COLUMN meta.trigger.datum_id IS 'Delivery: the dataset that seen is of.';
COMMENT ON COLUMN meta.trigger.seen IS 'Delivery: the last one that was followed.';
COMMENT ON COLUMN meta.trigger.pending_run_id IS 'Pipeline: the run that published and is not followed yet.';
COMMENT ON COLUMN meta.trigger.due_at IS 'Schedule: when it is next to fire; NULL: to be computed.';
COMMENT ON COLUMN meta.trigger.armed_at IS 'Schedule: when that was computed; a time far ahead tells that the clock was wrong.';
COMMENT ON COLUMN meta.trigger.left_out IS 'Schedule: due times for which no run was made, by the policy of missed ones.';
COMMENT ON COLUMN meta.trigger.last_due_at IS 'Schedule: the last due time that was looked at.';
COMMENT ON COLUMN meta.trigger.last_fired_at IS 'When it last made a run.';
COMMENT ON COLUMN meta.trigger.last_run_id IS 'The last run it made; it makes no other before this one has ended.';
COMMENT ON COLUMN meta.trigger.created_at IS 'When it was first stored.';
CREATE INDEX trigger_upstream ON meta.trigger (upstream) WHERE upstream IS NOT NULL;

-- Told by the run itself, in the transaction that publishes, however that came about: no published
-- run can be missed, and none is followed before it can be read.
CREATE FUNCTION meta.run_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE meta.trigger
       SET pending_run_id = NEW.id
      FROM meta.workflow
     WHERE workflow.id = NEW.workflow_id AND trigger.upstream = workflow.name;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION meta.run_published FROM PUBLIC;
COMMENT ON FUNCTION meta.run_published IS 'Marks the triggers that follow the pipeline of a published run.';
CREATE TRIGGER run_published AFTER UPDATE OF state ON meta.run FOR EACH ROW
    WHEN (NEW.state = 'published' AND OLD.state <> 'published')
    EXECUTE FUNCTION meta.run_published();

CREATE TABLE meta.backfill (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workflow_id bigint NOT NULL REFERENCES meta.workflow,
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    idempotency_key text,
    request_sha256 text NOT NULL,
    cancelled_at timestamptz
);
COMMENT ON TABLE meta.backfill IS 'A list of runs of one pipeline that were asked for at once.';
COMMENT ON COLUMN meta.backfill.id IS 'Key.';
COMMENT ON COLUMN meta.backfill.workflow_id IS 'The pipeline version.';
COMMENT ON COLUMN meta.backfill.requested_by IS 'The subject that asked.';
COMMENT ON COLUMN meta.backfill.requested_at IS 'When.';
COMMENT ON COLUMN meta.backfill.idempotency_key IS 'Key of the request, so that asking twice is asking once.';
COMMENT ON COLUMN meta.backfill.request_sha256 IS 'SHA-256 of what was asked, to tell the same request from another.';
COMMENT ON COLUMN meta.backfill.cancelled_at IS 'When it was asked to stop.';
CREATE UNIQUE INDEX backfill_key ON meta.backfill (workflow_id, idempotency_key)
 WHERE idempotency_key IS NOT NULL;

ALTER TABLE meta.run ADD COLUMN backfill_id bigint REFERENCES meta.backfill;
COMMENT ON COLUMN meta.run.backfill_id IS 'The backfill it is part of; its runs are taken one after the other.';
CREATE INDEX run_backfill ON meta.run (backfill_id, id) WHERE backfill_id IS NOT NULL;
CREATE INDEX run_backfill_open ON meta.run (backfill_id, id)
 WHERE backfill_id IS NOT NULL AND finished_at IS NULL;
