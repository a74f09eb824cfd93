-- Quality: what each rule measured, and some of the rows that failed it.

ALTER TABLE meta.quality_result
    ADD COLUMN ordinal integer NOT NULL DEFAULT 1,
    ADD COLUMN metric text NOT NULL DEFAULT 'rowCount',
    ADD COLUMN columns text[] NOT NULL DEFAULT '{}',
    ADD COLUMN severity text NOT NULL DEFAULT 'error'
        CHECK (severity IN ('error', 'warning', 'info')),
    ADD COLUMN dimension text,
    ADD COLUMN blocks boolean NOT NULL DEFAULT false,
    ADD COLUMN operator text,
    ADD COLUMN threshold jsonb,
    ADD COLUMN unit text,
    ADD COLUMN failing_rows bigint,
    ADD COLUMN total_rows bigint NOT NULL DEFAULT 0,
    ADD COLUMN ms bigint NOT NULL DEFAULT 0,
    ADD COLUMN description text,
    ADD COLUMN business_impact text,
    DROP CONSTRAINT quality_result_run_id_fkey,
    ADD CONSTRAINT quality_result_run_id_fkey FOREIGN KEY (run_id) REFERENCES meta.run
        ON DELETE CASCADE,
    ADD CONSTRAINT quality_result_rule UNIQUE (run_id, datum_id, rule);
COMMENT ON TABLE meta.quality_result IS 'What one quality rule of a contract found in the table of one run.';
COMMENT ON COLUMN meta.quality_result.ordinal IS 'Place of the rule in its contract, from 1.';
COMMENT ON COLUMN meta.quality_result.metric IS 'What it measures, as ODCS names it.';
COMMENT ON COLUMN meta.quality_result.columns IS 'Columns it is about; none: the dataset as a whole.';
COMMENT ON COLUMN meta.quality_result.severity IS 'What the contract says a failure means.';
COMMENT ON COLUMN meta.quality_result.dimension IS 'Dimension of quality; NULL where the contract has none.';
COMMENT ON COLUMN meta.quality_result.blocks IS 'It kept the rows from being published.';
COMMENT ON COLUMN meta.quality_result.operator IS 'How the value is compared; NULL where nothing is measured.';
COMMENT ON COLUMN meta.quality_result.threshold IS 'What it is compared with: a number, a truth, or two numbers.';
COMMENT ON COLUMN meta.quality_result.unit IS 'Unit of value and threshold.';
COMMENT ON COLUMN meta.quality_result.failing_rows IS 'Rows that break it; NULL where it does not count rows.';
COMMENT ON COLUMN meta.quality_result.total_rows IS 'Rows there were.';
COMMENT ON COLUMN meta.quality_result.ms IS 'Milliseconds of the statement that measured it, which may have measured others too.';
COMMENT ON COLUMN meta.quality_result.description IS 'What the contract says of the rule.';
COMMENT ON COLUMN meta.quality_result.business_impact IS 'What a failure means to the business.';

CREATE TABLE meta.quality_row (
    result_id bigint NOT NULL REFERENCES meta.quality_result ON DELETE CASCADE,
    ordinal integer NOT NULL,
    row jsonb NOT NULL,
    PRIMARY KEY (result_id, ordinal)
);
COMMENT ON TABLE meta.quality_row IS 'Some of the rows that broke a rule: their key and the columns of the rule.';
COMMENT ON COLUMN meta.quality_row.result_id IS 'What the rule found.';
COMMENT ON COLUMN meta.quality_row.ordinal IS 'Number, from 1.';
COMMENT ON COLUMN meta.quality_row.row IS 'Values by column.';
CREATE INDEX quality_result_datum ON meta.quality_result (datum_id, run_id);
