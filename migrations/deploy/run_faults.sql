-- Deploy ekok:run_faults to pg
-- Promises that one daemon at a time pulls a source and that one which lost its lease writes nothing more, that a source
-- which fails is left alone for a while across restarts, and that a record which a whole listing no longer holds is found,
-- within what is plausible. Rows are written by the functions in sql/registry/functions (lease, breaker, generation, run).

BEGIN;

SET LOCAL ROLE ekok_owner;

-- Their arguments or results change; sql/apply.sql makes them anew.
DROP FUNCTION IF EXISTS etl.open_run(text, bytea, text), etl.close_run(bigint, text, text), etl.take_lease(text);

CREATE TABLE etl.lease (
    name text PRIMARY KEY,
    fence bigint NOT NULL DEFAULT 0,
    held boolean NOT NULL DEFAULT false,
    holder text,
    taken_at timestamptz,
    expires_at timestamptz,
    CONSTRAINT lease_held_until CHECK (NOT held OR expires_at IS NOT NULL)
);
COMMENT ON TABLE etl.lease IS 'Who pulls a source, and who keeps the schedule. A lease ends when it is given back, when it expires, or when the session that took it is gone.';
COMMENT ON COLUMN etl.lease.name IS 'A source''s code, or * for the schedule itself.';
COMMENT ON COLUMN etl.lease.fence IS 'Counts the takings, from 1: what carries an older number than this is refused.';
COMMENT ON COLUMN etl.lease.held IS 'Whether it was taken and not given back.';
COMMENT ON COLUMN etl.lease.holder IS 'Role and server process of the session that took it last.';
COMMENT ON COLUMN etl.lease.taken_at IS 'When it was taken last.';
COMMENT ON COLUMN etl.lease.expires_at IS 'Until when it stands unless it is renewed; every page renews it.';

CREATE TABLE etl.breaker (
    source text PRIMARY KEY REFERENCES etl.source,
    state text NOT NULL DEFAULT 'closed' CONSTRAINT breaker_state_known CHECK (state IN ('closed', 'open', 'half-open')),
    failures int NOT NULL DEFAULT 0 CONSTRAINT breaker_failures_not_negative CHECK (failures >= 0),
    pause_seconds int NOT NULL DEFAULT 0 CONSTRAINT breaker_pause_range CHECK (pause_seconds BETWEEN 0 AND 604800),
    retry_at timestamptz,
    problem text,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT breaker_open_until CHECK ((state = 'closed') = (retry_at IS NULL))
);
COMMENT ON TABLE etl.breaker IS 'The circuit breaker of each source that has failed: after enough failures in a row it is left alone until retry_at, then tried once.';
COMMENT ON COLUMN etl.breaker.source IS 'The system.';
COMMENT ON COLUMN etl.breaker.state IS 'closed: it is pulled; open: not before retry_at; half-open: one run tries it.';
COMMENT ON COLUMN etl.breaker.failures IS 'Runs in a row that failed by the source''s fault.';
COMMENT ON COLUMN etl.breaker.pause_seconds IS 'How long it was last left alone, seconds; doubled at each failed trial.';
COMMENT ON COLUMN etl.breaker.retry_at IS 'When it may be tried again; null while closed.';
COMMENT ON COLUMN etl.breaker.problem IS 'What went wrong last, in words without identifiers; null when nothing.';
COMMENT ON COLUMN etl.breaker.changed_at IS 'When this row changed last.';

ALTER TABLE etl.run ADD COLUMN fence bigint NOT NULL DEFAULT 0,
    ADD COLUMN terms jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN generation bigint,
    ADD COLUMN vanished bigint NOT NULL DEFAULT 0 CONSTRAINT run_vanished_not_negative CHECK (vanished >= 0),
    DROP CONSTRAINT run_state_known,
    ADD CONSTRAINT run_state_known CHECK (state IN ('running', 'finished', 'held', 'stopped', 'failed', 'aborted'));
COMMENT ON COLUMN etl.run.state IS 'running; finished: to the last page; held: to the last page, but more records vanished than is plausible: a human decides; stopped: on request, after a page; failed: by an error; aborted: found open by a later run.';
COMMENT ON COLUMN etl.run.fence IS 'The fence of the source''s lease under which it writes.';
COMMENT ON COLUMN etl.run.terms IS 'What the definition said of this run: whole, largest_drop (permille), breaker_tries, breaker_seconds, breaker_longest, lease (seconds); see etl.term.';
COMMENT ON COLUMN etl.run.generation IS 'The whole listing that it is part of (etl.generation); null where the source tells changes only.';
COMMENT ON COLUMN etl.run.vanished IS 'Enrolments that the listing no longer held: marked absent, or to be marked when a held run is released.';

CREATE TABLE etl.generation (
    source text REFERENCES etl.source,
    number bigint,
    state text NOT NULL DEFAULT 'open' CONSTRAINT generation_state_known
        CHECK (state IN ('open', 'whole', 'uncertain', 'held', 'released', 'dropped')),
    first_run bigint NOT NULL REFERENCES etl.run,
    last_run bigint NOT NULL REFERENCES etl.run,
    known bigint,
    listed bigint,
    vanished bigint,
    unnamed bigint,
    ended_at timestamptz,
    PRIMARY KEY (source, number),
    CONSTRAINT generation_books_balance CHECK (known = listed + vanished),
    CONSTRAINT generation_ends_with_state CHECK ((state = 'open') = (ended_at IS NULL)),
    CONSTRAINT generation_counted CHECK (state IN ('open', 'dropped') OR num_nulls(known, listed, vanished, unnamed) = 0)
);
CREATE UNIQUE INDEX generation_one_open ON etl.generation (source) WHERE state = 'open';
COMMENT ON TABLE etl.generation IS 'One whole listing of a source, from its first page to its last, over one run or several that went on where the one before stopped.';
COMMENT ON COLUMN etl.generation.source IS 'The system.';
COMMENT ON COLUMN etl.generation.number IS 'Counted from 1 for each source.';
COMMENT ON COLUMN etl.generation.state IS 'open; whole: what vanished is marked; uncertain: pages or records could not be read, so nothing is marked; held: too much vanished; released: a human let it be marked; dropped: begun anew, or overtaken by a later listing.';
COMMENT ON COLUMN etl.generation.first_run IS 'The run that began it.';
COMMENT ON COLUMN etl.generation.last_run IS 'The run that went on with it last.';
COMMENT ON COLUMN etl.generation.known IS 'Enrolments of the source that were not absent, at the end = listed + vanished.';
COMMENT ON COLUMN etl.generation.listed IS 'Those of them that the listing held.';
COMMENT ON COLUMN etl.generation.vanished IS 'Those that it did not.';
COMMENT ON COLUMN etl.generation.unnamed IS 'Records of the listing that were set aside without an id that could be read.';
COMMENT ON COLUMN etl.generation.ended_at IS 'When it ended; null while open.';

CREATE TABLE etl.listed (
    source text,
    generation bigint,
    run_id bigint,
    page int,
    ids uuid[] NOT NULL,
    unnamed int NOT NULL CONSTRAINT listed_unnamed_not_negative CHECK (unnamed >= 0),
    broken boolean NOT NULL,
    PRIMARY KEY (source, generation, run_id, page),
    FOREIGN KEY (source, generation) REFERENCES etl.generation ON DELETE CASCADE
);
ALTER TABLE etl.listed ALTER COLUMN ids SET STORAGE EXTERNAL;
COMMENT ON TABLE etl.listed IS 'Which enrolments each page of a listing held; forgotten when the listing has ended. 16 bytes a record, and no version of an unchanged enrolment.';
COMMENT ON COLUMN etl.listed.source IS 'The system.';
COMMENT ON COLUMN etl.listed.generation IS 'The listing.';
COMMENT ON COLUMN etl.listed.run_id IS 'The run that read the page.';
COMMENT ON COLUMN etl.listed.page IS 'Its number in that run.';
COMMENT ON COLUMN etl.listed.ids IS 'Ids of the enrolments on it, also of those whose record was set aside with a readable id.';
COMMENT ON COLUMN etl.listed.unnamed IS 'Records on it that were set aside without a readable id.';
COMMENT ON COLUMN etl.listed.broken IS 'Whether the page could not be decoded.';

CREATE TABLE etl.release (
    run_id bigint PRIMARY KEY REFERENCES etl.run,
    released_by name NOT NULL DEFAULT session_user,
    released_at timestamptz NOT NULL DEFAULT now(),
    reason text NOT NULL CONSTRAINT release_reason_size CHECK (octet_length(reason) BETWEEN 3 AND 500),
    vanished bigint NOT NULL CONSTRAINT release_vanished_not_negative CHECK (vanished >= 0)
);
COMMENT ON TABLE etl.release IS 'Held runs that an operator let pass.';
COMMENT ON COLUMN etl.release.run_id IS 'The run.';
COMMENT ON COLUMN etl.release.released_by IS 'Who released it: the role that logged in.';
COMMENT ON COLUMN etl.release.released_at IS 'When.';
COMMENT ON COLUMN etl.release.reason IS 'Why, in the operator''s words, 3 to 500 bytes; no identifiers.';
COMMENT ON COLUMN etl.release.vanished IS 'Enrolments that were marked absent by it.';

ALTER TABLE registry.enrolment DROP CONSTRAINT enrolment_status_known,
    ADD CONSTRAINT enrolment_status_known CHECK (status IN ('active', 'inactive', 'suspended', 'waiting', 'absent'));
COMMENT ON COLUMN registry.enrolment.status IS 'active, inactive, suspended or waiting; null when the source does not say, which counts as active; absent: the source''s last whole listing did not hold the record any more, its row_mac is then all zeros.';

COMMIT;
