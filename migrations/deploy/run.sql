-- Deploy ekok:run to pg
-- Promises that the books of every run balance, that a page is counted once, and that a record set aside is kept with
-- its reasons. Rows are written by the functions in sql/registry/functions only.

BEGIN;

SET LOCAL ROLE ekok_owner;

CREATE TABLE etl.run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    contract_sha256 bytea NOT NULL,
    state text NOT NULL DEFAULT 'running'
        CONSTRAINT run_state_known CHECK (state IN ('running', 'finished', 'stopped', 'failed', 'aborted')),
    resumed_from text,
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    pages int NOT NULL DEFAULT 0,
    broken_pages int NOT NULL DEFAULT 0,
    fetched bigint NOT NULL DEFAULT 0,
    inserted bigint NOT NULL DEFAULT 0,
    updated bigint NOT NULL DEFAULT 0,
    unchanged bigint NOT NULL DEFAULT 0,
    quarantined bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    problem text,
    FOREIGN KEY (source, contract_sha256) REFERENCES etl.contract,
    CONSTRAINT run_books_balance CHECK (fetched = inserted + updated + unchanged + quarantined + refused),
    CONSTRAINT run_counts_not_negative CHECK (least(pages, broken_pages, fetched, inserted, updated, unchanged,
                                                    quarantined, refused) >= 0),
    CONSTRAINT run_broken_among_pages CHECK (broken_pages <= pages),
    CONSTRAINT run_ends_with_state CHECK ((state = 'running') = (ended_at IS NULL))
);
CREATE INDEX run_by_source ON etl.run (source, id);
CREATE UNIQUE INDEX run_one_running ON etl.run (source) WHERE state = 'running';
COMMENT ON TABLE etl.run IS 'One pull of one source, from etl.open_run to etl.close_run. Counts are of records.';
COMMENT ON COLUMN etl.run.id IS 'Running number, with gaps.';
COMMENT ON COLUMN etl.run.source IS 'The system that is pulled; at most one running run each.';
COMMENT ON COLUMN etl.run.contract_sha256 IS 'The definition under which it is read (etl.contract), 32 bytes.';
COMMENT ON COLUMN etl.run.state IS 'running; finished: to the last page; stopped: on request, after a page; failed: by an error; aborted: found open by a later run.';
COMMENT ON COLUMN etl.run.resumed_from IS 'Cursor it went on from; null: it began at the start.';
COMMENT ON COLUMN etl.run.started_at IS 'When it was opened.';
COMMENT ON COLUMN etl.run.ended_at IS 'When it was closed, or found open; null while running.';
COMMENT ON COLUMN etl.run.pages IS 'Pages committed, broken ones included.';
COMMENT ON COLUMN etl.run.broken_pages IS 'Pages that could not be decoded and are kept whole.';
COMMENT ON COLUMN etl.run.fetched IS 'Records on the pages that could be decoded = inserted + updated + unchanged + quarantined + refused.';
COMMENT ON COLUMN etl.run.inserted IS 'Records that made a new enrolment.';
COMMENT ON COLUMN etl.run.updated IS 'Records that changed an enrolment.';
COMMENT ON COLUMN etl.run.unchanged IS 'Records that said what the registry held already; nothing was written.';
COMMENT ON COLUMN etl.run.quarantined IS 'Records set aside for reasons of form; also when they were set aside before.';
COMMENT ON COLUMN etl.run.refused IS 'Records set aside because the source may not report the programme.';
COMMENT ON COLUMN etl.run.problem IS 'What went wrong, in words without identifiers.';

CREATE TABLE etl.page (
    run_id bigint REFERENCES etl.run,
    number int CONSTRAINT page_number_from_one CHECK (number >= 1),
    sha256 bytea NOT NULL CONSTRAINT page_sha256_size CHECK (octet_length(sha256) = 32),
    bytes bigint NOT NULL CONSTRAINT page_bytes_not_negative CHECK (bytes >= 0),
    rows int NOT NULL CONSTRAINT page_rows_not_negative CHECK (rows >= 0),
    state text NOT NULL CONSTRAINT page_state_known CHECK (state IN ('loaded', 'broken')),
    problem text,
    kept bytea,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, number),
    CONSTRAINT page_broken_says_why CHECK (state = 'loaded' AND problem IS NULL AND kept IS NULL
                                        OR state = 'broken' AND problem IS NOT NULL AND rows = 0)
);
COMMENT ON TABLE etl.page IS 'One page of a source as it was received.';
COMMENT ON COLUMN etl.page.run_id IS 'The run that fetched it.';
COMMENT ON COLUMN etl.page.number IS 'Number within the run, from 1, without gaps.';
COMMENT ON COLUMN etl.page.sha256 IS 'SHA-256 of its bytes, 32 bytes.';
COMMENT ON COLUMN etl.page.bytes IS 'Its size in bytes.';
COMMENT ON COLUMN etl.page.rows IS 'Records on it; 0 for a broken page.';
COMMENT ON COLUMN etl.page.state IS 'loaded, or broken: it could not be decoded.';
COMMENT ON COLUMN etl.page.problem IS 'Why it is broken, without identifiers; null for a loaded page.';
COMMENT ON COLUMN etl.page.kept IS 'Sealed bytes of a broken page; null for a loaded page, or when nothing could be kept.';
COMMENT ON COLUMN etl.page.at IS 'When it was committed (start of its transaction).';

CREATE TABLE etl.cursor (
    source text PRIMARY KEY REFERENCES etl.source,
    value text,
    run_id bigint NOT NULL REFERENCES etl.run,
    page int NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE etl.cursor IS 'Where each source goes on; moves in the same transaction as the page before it.';
COMMENT ON COLUMN etl.cursor.source IS 'The system.';
COMMENT ON COLUMN etl.cursor.value IS 'Position of the next page in the form of the source''s paging; null: begin at the start.';
COMMENT ON COLUMN etl.cursor.run_id IS 'Run that moved it last.';
COMMENT ON COLUMN etl.cursor.page IS 'Page of that run after which it stands.';
COMMENT ON COLUMN etl.cursor.at IS 'When it moved.';

CREATE TABLE etl.quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL REFERENCES etl.source,
    row_mac bytea NOT NULL CONSTRAINT quarantine_row_mac_size CHECK (octet_length(row_mac) = 16),
    record_id text CONSTRAINT quarantine_record_id_size CHECK (octet_length(record_id) <= 64),
    disposition text NOT NULL CONSTRAINT quarantine_disposition_known CHECK (disposition IN ('quarantined', 'refused')),
    reasons jsonb NOT NULL CONSTRAINT quarantine_reasons_given
        CHECK (jsonb_path_exists(reasons, 'strict $[0].reason ? (@.type() == "string")', silent => true)),
    sealed bytea NOT NULL,
    first_run bigint NOT NULL REFERENCES etl.run,
    first_page int NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (source, row_mac, disposition)
);
COMMENT ON TABLE etl.quarantine IS 'Records set aside, once for each content: a second sight of the same record writes nothing.';
COMMENT ON COLUMN etl.quarantine.id IS 'Running number, with gaps.';
COMMENT ON COLUMN etl.quarantine.source IS 'The system that sent it.';
COMMENT ON COLUMN etl.quarantine.row_mac IS 'Keyed hash of the record''s bytes, 16 bytes.';
COMMENT ON COLUMN etl.quarantine.record_id IS 'The source''s own id of the record; null when it could not be read.';
COMMENT ON COLUMN etl.quarantine.disposition IS 'quarantined: wrong in form; refused: the source may not report the programme.';
COMMENT ON COLUMN etl.quarantine.reasons IS 'Every reason found: [{"reason", "field", "position", "detail"}], never a value; position counts characters from 1, 0 when not about one.';
COMMENT ON COLUMN etl.quarantine.sealed IS 'The record''s bytes as received, sealed.';
COMMENT ON COLUMN etl.quarantine.first_run IS 'Run that saw it first.';
COMMENT ON COLUMN etl.quarantine.first_page IS 'Page of that run.';
COMMENT ON COLUMN etl.quarantine.at IS 'When it was set aside.';

CREATE TYPE etl.stage_shape AS (
    id uuid, record_id text, programme text, status text, name_bn text, name_en text, father_name text, mother_name text,
    sex text, birth_date date, geo text, household text, amount_paisa bigint, enrolled_on date,
    nid_digits smallint, nid_sealed bytea, nid_token bytea, brn_sealed bytea, brn_token bytea,
    mobile_sealed bytea, mobile_token bytea, wallet_provider text, wallet_sealed bytea, wallet_token bytea,
    account_sealed bytea, account_token bytea, routing text, row_mac bytea, raw_mac bytea, raw_sealed bytea
);
CREATE TYPE etl.stage_bad_shape AS (record_id text, row_mac bytea, reasons jsonb, sealed bytea);
COMMENT ON TYPE etl.stage_shape IS 'Columns of the temporary table stage that the daemon fills: CREATE TEMP TABLE stage (LIKE etl.stage_shape) ON COMMIT DELETE ROWS.';
COMMENT ON TYPE etl.stage_bad_shape IS 'Columns of the temporary table stage_bad: records to be quarantined.';
DO $$
DECLARE
    told record;
BEGIN
    FOR told IN SELECT a.attname, CASE a.attname
                    WHEN 'raw_mac' THEN 'Keyed hash of the record''s bytes, 16 bytes: its row_mac in etl.quarantine should it be refused.'
                    WHEN 'raw_sealed' THEN 'The record''s bytes, sealed: kept in etl.quarantine should it be refused, else dropped.'
                    ELSE format('As registry.enrolment.%s.', a.attname) END AS what
                FROM pg_attribute a WHERE a.attrelid = 'etl.stage_shape'::regclass AND a.attnum > 0 LOOP
        EXECUTE format('COMMENT ON COLUMN etl.stage_shape.%I IS %L', told.attname, told.what);
    END LOOP;
    FOR told IN SELECT attname FROM pg_attribute WHERE attrelid = 'etl.stage_bad_shape'::regclass AND attnum > 0 LOOP
        EXECUTE format('COMMENT ON COLUMN etl.stage_bad_shape.%I IS %L', told.attname,
                       format('As etl.quarantine.%s.', told.attname));
    END LOOP;
END $$;

COMMIT;
