-- Deploy ekok:files to pg
-- Promises that a file dropped into a source's folder is known by its content, so that it is taken once whatever it is
-- called. Rows are written by the functions in sql/registry/functions/file.sql only.

BEGIN;

SET LOCAL ROLE ekok_owner;

CREATE TABLE etl.file (
    source text REFERENCES etl.source,
    sha256 bytea CONSTRAINT file_sha256_size CHECK (octet_length(sha256) = 32),
    bytes bigint NOT NULL CONSTRAINT file_bytes_not_negative CHECK (bytes >= 0),
    name text NOT NULL CONSTRAINT file_name_size CHECK (octet_length(name) BETWEEN 1 AND 255),
    state text NOT NULL DEFAULT 'taken' CONSTRAINT file_state_known CHECK (state IN ('taken', 'loaded', 'refused')),
    problem text,
    first_run bigint NOT NULL REFERENCES etl.run,
    last_run bigint NOT NULL REFERENCES etl.run,
    taken_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    PRIMARY KEY (source, sha256),
    CONSTRAINT file_ends_with_state CHECK ((state = 'taken') = (ended_at IS NULL)),
    CONSTRAINT file_refused_with_problem CHECK ((state = 'refused') = (problem IS NOT NULL))
);
COMMENT ON TABLE etl.file IS 'Every file that a source''s folder ever gave, by its content. A content that is loaded or refused is not read again, under whatever name.';
COMMENT ON COLUMN etl.file.source IS 'The system.';
COMMENT ON COLUMN etl.file.sha256 IS 'SHA-256 of its bytes, 32 bytes.';
COMMENT ON COLUMN etl.file.bytes IS 'Its size.';
COMMENT ON COLUMN etl.file.name IS 'The name under which it was first seen, without its folder, 1 to 255 bytes.';
COMMENT ON COLUMN etl.file.state IS 'taken: a run has begun it (where it stands: etl.cursor); loaded: all its records are committed; refused: it can''t be read to its end.';
COMMENT ON COLUMN etl.file.problem IS 'Why it was refused, in words without identifiers; null otherwise.';
COMMENT ON COLUMN etl.file.first_run IS 'The run that took it.';
COMMENT ON COLUMN etl.file.last_run IS 'The run that took it last, after a crash or a stop another than the first.';
COMMENT ON COLUMN etl.file.taken_at IS 'When it was first taken.';
COMMENT ON COLUMN etl.file.ended_at IS 'When it was loaded or refused; null before.';

COMMIT;
