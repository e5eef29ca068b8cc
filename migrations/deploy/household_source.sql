-- Deploy ekok:household_source to pg
-- Promises surveyed households (the National Household Database and its like) with the score of their proxy means test: who
-- belongs to them, sealed as an enrolment is, and the score that each record told, with its day. Rows are written by
-- sql/registry/functions/household_merge.sql only.

BEGIN;

SET LOCAL ROLE ekok_owner;

CREATE TABLE registry.household_member (
    id uuid PRIMARY KEY,
    source text NOT NULL REFERENCES etl.source,
    record_id text NOT NULL CONSTRAINT household_member_record_id_size CHECK (octet_length(record_id) BETWEEN 1 AND 64),
    household_id uuid NOT NULL REFERENCES registry.household,
    status text CONSTRAINT household_member_status_known CHECK (status IN ('listed', 'absent')),
    name_bn text,
    name_en text,
    sex text,
    birth_date date NOT NULL,
    geo text,
    nid_digits smallint CONSTRAINT household_member_nid_digits_known CHECK (nid_digits IN (10, 13, 17)),
    nid_sealed bytea,
    nid_token bytea CONSTRAINT household_member_nid_token_size CHECK (octet_length(nid_token) = 16),
    brn_sealed bytea,
    brn_token bytea CONSTRAINT household_member_brn_token_size CHECK (octet_length(brn_token) = 16),
    pmt numeric(6,2) NOT NULL CONSTRAINT household_member_pmt_plausible CHECK (pmt BETWEEN 0 AND 2000),
    surveyed_on date NOT NULL,
    row_mac bytea NOT NULL CONSTRAINT household_member_row_mac_size CHECK (octet_length(row_mac) = 16),
    first_run bigint NOT NULL REFERENCES etl.run,
    last_run bigint NOT NULL REFERENCES etl.run,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT household_member_record UNIQUE (source, record_id),
    CONSTRAINT household_member_named CHECK (num_nonnulls(name_bn, name_en) > 0),
    CONSTRAINT household_member_nid_sealed_with_token CHECK ((nid_sealed IS NULL) = (nid_token IS NULL) AND (nid_sealed IS NULL) = (nid_digits IS NULL)),
    CONSTRAINT household_member_brn_sealed_with_token CHECK ((brn_sealed IS NULL) = (brn_token IS NULL))
);
CREATE INDEX household_member_by_household ON registry.household_member (household_id);
CREATE INDEX household_member_by_nid ON registry.household_member (nid_token);
CREATE INDEX household_member_by_brn ON registry.household_member (brn_token);
COMMENT ON TABLE registry.household_member IS 'Who belongs to a surveyed household, one row a record of its source, with the score that the record told. No enrolment: it draws nothing and is no evidence of double dipping.';
COMMENT ON COLUMN registry.household_member.id IS 'Made from source and record id, as an enrolment''s.';
COMMENT ON COLUMN registry.household_member.source IS 'The survey''s system.';
COMMENT ON COLUMN registry.household_member.record_id IS 'The source''s own id of the record, 1 to 64 bytes.';
COMMENT ON COLUMN registry.household_member.household_id IS 'The household, as this source names it.';
COMMENT ON COLUMN registry.household_member.status IS 'listed, or absent: no longer in the source''s whole listing.';
COMMENT ON COLUMN registry.household_member.name_bn IS 'Name in Bengali, in the source''s spelling.';
COMMENT ON COLUMN registry.household_member.name_en IS 'Name in Latin letters, in the source''s spelling.';
COMMENT ON COLUMN registry.household_member.sex IS 'male, female, other or unknown.';
COMMENT ON COLUMN registry.household_member.birth_date IS 'As the source has it.';
COMMENT ON COLUMN registry.household_member.geo IS 'P-code of 2, 4, 6 or 8 digits, as given.';
COMMENT ON COLUMN registry.household_member.nid_digits IS 'Digits of the NID: 10, 13 or 17.';
COMMENT ON COLUMN registry.household_member.nid_sealed IS 'The NID, sealed for this column and id.';
COMMENT ON COLUMN registry.household_member.nid_token IS 'Token of the NID, 16 bytes, the same as an enrolment''s.';
COMMENT ON COLUMN registry.household_member.brn_sealed IS 'The birth registration number, sealed for this column and id.';
COMMENT ON COLUMN registry.household_member.brn_token IS 'Token of the birth registration number, 16 bytes, the same as an enrolment''s.';
COMMENT ON COLUMN registry.household_member.pmt IS 'Score of the household''s proxy means test as this record tells it, 0 to 2000, higher is better off (100 times the logarithm of consumption a head in form).';
COMMENT ON COLUMN registry.household_member.surveyed_on IS 'The day on which the household was asked.';
COMMENT ON COLUMN registry.household_member.row_mac IS 'MAC of the record''s content, 16 bytes: an unchanged record is told by it.';
COMMENT ON COLUMN registry.household_member.first_run IS 'The run that brought it.';
COMMENT ON COLUMN registry.household_member.last_run IS 'The run that changed it last.';
COMMENT ON COLUMN registry.household_member.created_at IS 'When it came.';
COMMENT ON COLUMN registry.household_member.changed_at IS 'When it changed last.';

CREATE TABLE registry.pmt_cutoff (
    programme text REFERENCES registry.programme,
    division text CONSTRAINT pmt_cutoff_division_form CHECK (division = '' OR division ~ '^[0-9]{2}$'),
    below numeric(6,2) NOT NULL CONSTRAINT pmt_cutoff_plausible CHECK (below BETWEEN 0 AND 2000),
    valid_years smallint NOT NULL CONSTRAINT pmt_cutoff_years_plausible CHECK (valid_years BETWEEN 1 AND 50),
    source text NOT NULL,
    confidence text NOT NULL,
    PRIMARY KEY (programme, division)
);
COMMENT ON TABLE registry.pmt_cutoff IS 'The score below which a household is poor enough for a programme, by division.';
COMMENT ON COLUMN registry.pmt_cutoff.programme IS 'The programme.';
COMMENT ON COLUMN registry.pmt_cutoff.division IS 'P-code of the division, 2 digits; empty: everywhere else.';
COMMENT ON COLUMN registry.pmt_cutoff.below IS 'Eligible with a score below this, 0 to 2000.';
COMMENT ON COLUMN registry.pmt_cutoff.valid_years IS 'For so many years from the day of the survey a score says something.';
COMMENT ON COLUMN registry.pmt_cutoff.source IS 'Who says so.';
COMMENT ON COLUMN registry.pmt_cutoff.confidence IS 'How sure that is.';

CREATE TYPE etl.stage_member_shape AS (
    id uuid, record_id text, household text, name_bn text, name_en text, sex text, birth_date date, geo text, nid_digits smallint,
    nid_sealed bytea, nid_token bytea, brn_sealed bytea, brn_token bytea, pmt numeric(6,2), surveyed_on date, row_mac bytea
);
COMMENT ON TYPE etl.stage_member_shape IS 'Columns of the temporary table stage_member that the daemon fills: CREATE TEMP TABLE stage_member (LIKE etl.stage_member_shape) ON COMMIT DELETE ROWS.';
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT a.attname FROM pg_attribute a WHERE a.attrelid = 'etl.stage_member_shape'::regclass AND a.attnum > 0 LOOP
        EXECUTE format('COMMENT ON COLUMN etl.stage_member_shape.%I IS %L', name,
            CASE name WHEN 'household' THEN 'The source''s own name of the household, 1 to 64 bytes.' ELSE 'As in registry.household_member.' END);
    END LOOP;
    PERFORM audit.attach('registry.household_member'), audit.attach('registry.pmt_cutoff');
END $$;

COMMIT;
