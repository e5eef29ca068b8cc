-- Deploy ekok:drill to pg
-- Promises a book of the drills in which a backup is restored beside the live server: what was counted when one began,
-- how it ended, when the next is due. Insert-only: a drill that began and has no result was broken off.

BEGIN;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ekok_drill') THEN
        CREATE ROLE ekok_drill NOLOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS;
        COMMENT ON ROLE ekok_drill IS 'Restores backups to try them: counts rows, writes the book of drills, reads no row of the registry.';
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO ekok_drill', current_database());
END $$;

SET LOCAL ROLE ekok_owner;

CREATE TABLE audit.drill (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor name NOT NULL DEFAULT session_user,
    host text NOT NULL CONSTRAINT drill_host_length CHECK (length(host) BETWEEN 1 AND 255),
    snapshot pg_snapshot NOT NULL,
    next_due timestamptz NOT NULL,
    CONSTRAINT drill_next_is_later CHECK (next_due > begun_at)
);
COMMENT ON TABLE audit.drill IS 'One try to restore the latest backup beside the live server; insert-only.';
COMMENT ON COLUMN audit.drill.id IS 'Number of the drill.';
COMMENT ON COLUMN audit.drill.begun_at IS 'When it began, on the live server''s clock.';
COMMENT ON COLUMN audit.drill.actor IS 'The role that began it.';
COMMENT ON COLUMN audit.drill.host IS 'The machine on which the backup is restored.';
COMMENT ON COLUMN audit.drill.snapshot IS 'What the counts of audit.drill_census saw.';
COMMENT ON COLUMN audit.drill.next_due IS 'When the next drill must have passed, if this one does.';

CREATE TABLE audit.drill_census (
    drill bigint REFERENCES audit.drill,
    table_name text,
    rows bigint NOT NULL CONSTRAINT drill_census_rows_not_negative CHECK (rows >= 0),
    PRIMARY KEY (drill, table_name)
);
COMMENT ON TABLE audit.drill_census IS 'Rows of each table on the live server when a drill began; comes back with the backup, and is compared there.';
COMMENT ON COLUMN audit.drill_census.drill IS 'The drill.';
COMMENT ON COLUMN audit.drill_census.table_name IS 'Schema and table.';
COMMENT ON COLUMN audit.drill_census.rows IS 'How many rows the snapshot of the drill saw.';

CREATE TABLE audit.drill_result (
    drill bigint PRIMARY KEY REFERENCES audit.drill,
    ended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    passed boolean NOT NULL,
    problem text,
    backup text,
    archived_seconds int,
    recovery_seconds int,
    verify_seconds int,
    recovery_point timestamptz,
    tables int,
    rows bigint,
    entries bigint,
    CONSTRAINT drill_failed_for_a_reason CHECK (passed = (problem IS NULL)),
    CONSTRAINT drill_passed_with_figures CHECK (NOT passed OR (backup IS NOT NULL AND recovery_seconds IS NOT NULL
        AND recovery_point IS NOT NULL AND tables > 0 AND entries IS NOT NULL))
);
COMMENT ON TABLE audit.drill_result IS 'How a drill ended; insert-only. A drill without a row here is running, or was broken off.';
COMMENT ON COLUMN audit.drill_result.drill IS 'The drill.';
COMMENT ON COLUMN audit.drill_result.ended_at IS 'When, on the live server''s clock.';
COMMENT ON COLUMN audit.drill_result.passed IS 'The backup was restored, its trace is what witnesses remember, its rows are those that were counted.';
COMMENT ON COLUMN audit.drill_result.problem IS 'What did not hold; null when it passed. Holds no value of any record.';
COMMENT ON COLUMN audit.drill_result.backup IS 'Label of the backup in the repository, as pgBackRest gives it.';
COMMENT ON COLUMN audit.drill_result.archived_seconds IS 'Seconds until what was committed when the drill began lay in the repository: what a fire at that moment would have lost.';
COMMENT ON COLUMN audit.drill_result.recovery_seconds IS 'Seconds from the call to restore until the copy answered: the recovery time.';
COMMENT ON COLUMN audit.drill_result.verify_seconds IS 'Seconds of holding the copy against witnesses and census.';
COMMENT ON COLUMN audit.drill_result.recovery_point IS 'Time of the newest commit in the copy.';
COMMENT ON COLUMN audit.drill_result.tables IS 'Tables whose rows were compared.';
COMMENT ON COLUMN audit.drill_result.rows IS 'Rows of all these in the copy.';
COMMENT ON COLUMN audit.drill_result.entries IS 'Entries of the trace that were hashed again.';

SELECT audit.guard(t) FROM unnest(ARRAY['audit.drill', 'audit.drill_census', 'audit.drill_result']::regclass[]) t;

COMMIT;
