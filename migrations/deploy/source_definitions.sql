-- Deploy ekok:source_definitions to pg
-- Promises that how a source is read is a row with version, author and time that never changes, and that a replay of
-- quarantined records is a run of its own kind. Rows are written by the functions in sql/registry/functions only.

BEGIN;

SET LOCAL ROLE ekok_owner;

CREATE TABLE etl.source_definition (
    source text REFERENCES etl.source,
    version int CONSTRAINT source_definition_version_from_one CHECK (version >= 1),
    definition jsonb NOT NULL CONSTRAINT source_definition_is_object CHECK (jsonb_typeof(definition) = 'object'),
    sha256 bytea NOT NULL,
    added_by text NOT NULL DEFAULT session_user,
    added_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'in force'
        CONSTRAINT source_definition_state_known CHECK (state IN ('in force', 'retired')),
    PRIMARY KEY (source, version),
    CONSTRAINT source_definition_sha256_right CHECK (sha256 = sha256(convert_to(definition::text, 'UTF8'))),
    CONSTRAINT source_definition_names_its_source CHECK (definition #>> '{source,name}' = source),
    CONSTRAINT source_definition_size CHECK (octet_length(definition::text) <= 65536)
);
COMMENT ON TABLE etl.source_definition IS 'How each source is read, every version that ever was; insert-only. The one of the highest version counts.';
COMMENT ON COLUMN etl.source_definition.source IS 'The system.';
COMMENT ON COLUMN etl.source_definition.version IS 'From 1, without gaps.';
COMMENT ON COLUMN etl.source_definition.definition IS 'The definition: docs/reference/source.schema.json; at most 65536 bytes; names secrets, holds none.';
COMMENT ON COLUMN etl.source_definition.sha256 IS 'SHA-256 of the definition as the database writes it, 32 bytes: the contract of the runs under it.';
COMMENT ON COLUMN etl.source_definition.added_by IS 'The role that logged in and added it.';
COMMENT ON COLUMN etl.source_definition.added_at IS 'When it was added.';
COMMENT ON COLUMN etl.source_definition.state IS 'in force: the source is read so, until a higher version; retired: it is not read any more.';

SELECT audit.guard('etl.source_definition');
SELECT audit.attach('etl.source'), audit.attach('etl.source_programme');
SELECT audit.adopt('etl.source'), audit.adopt('etl.source_programme');

ALTER TABLE etl.run ADD COLUMN kind text NOT NULL DEFAULT 'pull'
    CONSTRAINT run_kind_known CHECK (kind IN ('pull', 'replay'));
COMMENT ON COLUMN etl.run.kind IS 'pull: from the source; replay: of records that were quarantined before.';

ALTER TABLE etl.quarantine ADD COLUMN resolved_run bigint REFERENCES etl.run;
ALTER TABLE etl.quarantine ADD COLUMN resolution text
    CONSTRAINT quarantine_resolution_known CHECK (resolution IN ('loaded', 'refused', 'superseded'));
ALTER TABLE etl.quarantine ADD CONSTRAINT quarantine_resolved_whole CHECK ((resolved_run IS NULL) = (resolution IS NULL));
CREATE INDEX quarantine_resolved ON etl.quarantine (resolved_run) WHERE resolved_run IS NOT NULL;
COMMENT ON COLUMN etl.quarantine.resolved_run IS 'The replay that took it out of quarantine; null while it is set aside.';
COMMENT ON COLUMN etl.quarantine.resolution IS 'loaded: it is in the registry; refused: its form was mended, but the source may not report it or a rule declined it, and it stands here as refused; superseded: the source has sent a newer record under its id since.';

COMMIT;
