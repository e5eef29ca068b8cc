-- Deploy ekok:reads_named to pg
-- Whom a statement within a scope read: the first hundred ids of it, and how many there were.

BEGIN;

GRANT EXECUTE ON FUNCTION ekok.take_named() TO ekok_owner;
SET LOCAL ROLE ekok_owner;

CREATE TABLE audit.named (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor name NOT NULL,
    statement bigint NOT NULL,
    read bigint NOT NULL CONSTRAINT named_read_positive CHECK (read > 0),
    purpose text,
    ids uuid[] NOT NULL CONSTRAINT named_ids_bounded CHECK (cardinality(ids) <= least(100, read))
);
CREATE INDEX named_by_id ON audit.named USING gin (ids) WITH (fastupdate = on);
CREATE INDEX named_by_actor ON audit.named (actor, at);
COMMENT ON TABLE audit.named IS 'Statements that read rows of people by the policies'' leave, without opening a sealed value; insert-only. A row that a join or a limit left out later was read all the same.';
COMMENT ON COLUMN audit.named.id IS 'Running number, with gaps.';
COMMENT ON COLUMN audit.named.at IS 'When the statement, or one fetch of its cursor, began.';
COMMENT ON COLUMN audit.named.actor IS 'Role that logged in (session_user).';
COMMENT ON COLUMN audit.named.statement IS 'Fingerprint: the query''s identifier as pg_stat_statements has it, or a hash of its text where none is computed.';
COMMENT ON COLUMN audit.named.read IS 'Rows that its scans of tables with names gave on.';
COMMENT ON COLUMN audit.named.purpose IS 'From the setting ekok.purpose, at most 127 bytes; null: none was said.';
COMMENT ON COLUMN audit.named.ids IS 'Ids of those rows: the first 100 different ones.';
COMMENT ON INDEX audit.named_by_id IS 'Who saw this citizen.';
COMMENT ON INDEX audit.named_by_actor IS 'What did this user look at.';

DO $$ BEGIN
    PERFORM audit.guard('audit.named'), audit.attach('audit.named');
END $$;

COMMIT;
