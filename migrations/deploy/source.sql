-- Deploy ekok:source to pg
-- Promises the list of systems that may report, and for each the programmes it may report: a row of any other
-- programme is refused by etl.merge_page.

BEGIN;

CREATE SCHEMA etl AUTHORIZATION ekok_owner;
COMMENT ON SCHEMA etl IS 'How records come in: sources, contracts, runs, pages, cursors, quarantine.';
SET LOCAL ROLE ekok_owner;

CREATE TABLE etl.source (
    code text PRIMARY KEY CONSTRAINT source_code_form CHECK (code ~ '^[a-z0-9_]{2,31}$'),
    title text NOT NULL,
    ministry text NOT NULL REFERENCES registry.ministry,
    state text NOT NULL DEFAULT 'active' CONSTRAINT source_state_known CHECK (state IN ('active', 'held', 'retired')),
    source text NOT NULL,
    confidence text NOT NULL CONSTRAINT source_confidence_known CHECK (registry.known_confidence(confidence))
);
COMMENT ON TABLE etl.source IS 'Management information systems of the ministries that records are pulled from.';
COMMENT ON COLUMN etl.source.code IS 'Short name, for example dss; the name of its definition file.';
COMMENT ON COLUMN etl.source.title IS 'Full name.';
COMMENT ON COLUMN etl.source.ministry IS 'Ministry that answers for it.';
COMMENT ON COLUMN etl.source.state IS 'active: may be pulled; held: for a while not; retired: not any more.';
COMMENT ON COLUMN etl.source.source IS 'Where the row comes from.';
COMMENT ON COLUMN etl.source.confidence IS 'How far it is to be believed: see registry.known_confidence.';

CREATE TABLE etl.source_programme (
    source text REFERENCES etl.source,
    programme text REFERENCES registry.programme,
    basis text,
    confidence text NOT NULL DEFAULT 'assumed'
        CONSTRAINT source_programme_confidence_known CHECK (registry.known_confidence(confidence)),
    PRIMARY KEY (source, programme)
);
COMMENT ON TABLE etl.source_programme IS 'Which programmes a source may report.';
COMMENT ON COLUMN etl.source_programme.source IS 'The system.';
COMMENT ON COLUMN etl.source_programme.programme IS 'A programme it may report.';
COMMENT ON COLUMN etl.source_programme.basis IS 'Where we know it from.';
COMMENT ON COLUMN etl.source_programme.confidence IS 'How far it is to be believed: see registry.known_confidence.';

CREATE TABLE etl.contract (
    source text REFERENCES etl.source,
    sha256 bytea CONSTRAINT contract_sha256_size CHECK (octet_length(sha256) = 32),
    definition text NOT NULL,
    first_seen timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, sha256)
);
COMMENT ON TABLE etl.contract IS 'Every definition under which a source was ever read: how it pages and how its fields are mapped.';
COMMENT ON COLUMN etl.contract.source IS 'The system.';
COMMENT ON COLUMN etl.contract.sha256 IS 'SHA-256 of the definition, 32 bytes.';
COMMENT ON COLUMN etl.contract.definition IS 'The definition as its file was read; holds no secret.';
COMMENT ON COLUMN etl.contract.first_seen IS 'When the first run under it began.';

COMMIT;
