-- Deploy ekok:passwords to pg
-- Promises that a one-time code counts once, that tries are counted, that a first password has an end, and that what was seen of
-- a citizen is found by the citizen and by the reader. A secret of the second factor stands in access.factor in the clear: only the
-- owner's functions read it, but a superuser can.

BEGIN;

GRANT EXECUTE ON FUNCTION ekok.step_up(int), ekok.hotp(bytea, bigint, int, text), ekok.code_equal(text, text),
    ekok.create_login(name, text, text), ekok.alter_login(name, boolean, text, text), ekok.scram_verifier(text), ekok.scram_fits(text, text),
    ekok.is_exposed(text), ekok.in_block(), ekok.began_as_superuser(), ekok.take_logins(), ekok.apart(text, text[]) TO ekok_owner;
SET LOCAL ROLE ekok_owner;

ALTER TABLE access.account ADD COLUMN first_until timestamptz, ADD COLUMN password_at timestamptz;
COMMENT ON COLUMN access.account.first_until IS 'End of a password that somebody else knows, 24 hours after it was made; null: the holder has changed it, or there is none.';
COMMENT ON COLUMN access.account.password_at IS 'When the holder last changed the password; null: never.';

CREATE TABLE access.factor (
    login name PRIMARY KEY REFERENCES access.account,
    secret bytea NOT NULL CONSTRAINT factor_secret_size CHECK (octet_length(secret) = 20),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_step bigint NOT NULL DEFAULT 0,
    tries smallint NOT NULL DEFAULT 0 CONSTRAINT factor_tries_range CHECK (tries BETWEEN 0 AND 5),
    locked_until timestamptz
);
COMMENT ON TABLE access.factor IS 'Second factor of a login (RFC 6238: SHA-1, 6 digits, 30 seconds). Written in transactions apart, so that no rollback undoes a try.';
COMMENT ON COLUMN access.factor.login IS 'Whose.';
COMMENT ON COLUMN access.factor.secret IS 'The shared secret, 20 bytes, in the clear: a superuser who reads it can make codes.';
COMMENT ON COLUMN access.factor.made_at IS 'When it was made.';
COMMENT ON COLUMN access.factor.last_step IS 'Time step of the last code that was right; neither it nor an earlier one is right again.';
COMMENT ON COLUMN access.factor.tries IS 'Wrong codes in a row, 0 to 5.';
COMMENT ON COLUMN access.factor.locked_until IS 'After five wrong codes none is looked at until then; null: not locked.';

CREATE TABLE access.password (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login name NOT NULL REFERENCES access.account,
    verifier text NOT NULL CONSTRAINT password_verifier_scram CHECK (verifier LIKE 'SCRAM-SHA-256$%'),
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX password_by_login ON access.password (login, id);
COMMENT ON TABLE access.password IS 'SCRAM verifiers of the last twelve passwords of a login, against which a new one is tried.';
COMMENT ON COLUMN access.password.id IS 'Running number, with gaps.';
COMMENT ON COLUMN access.password.login IS 'Whose.';
COMMENT ON COLUMN access.password.verifier IS 'As in pg_authid; the password cannot be told from it but by trying.';
COMMENT ON COLUMN access.password.at IS 'When it was set.';

CREATE TABLE audit.export (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor name NOT NULL DEFAULT session_user,
    shown bigint NOT NULL CONSTRAINT export_shown_positive CHECK (shown > 0),
    tables text[] NOT NULL,
    purpose text
);
CREATE INDEX export_by_actor ON audit.export (actor, at);
COMMENT ON TABLE audit.export IS 'Sessions that were shown many rows of people; a row each time the count passes a multiple of ekok.shown_step (1000); insert-only.';
COMMENT ON COLUMN audit.export.id IS 'Running number, with gaps.';
COMMENT ON COLUMN audit.export.at IS 'When the count was passed.';
COMMENT ON COLUMN audit.export.actor IS 'Login of the session.';
COMMENT ON COLUMN audit.export.shown IS 'Rows that the session was shown so far, the last one not counted in full yet; one that carries much text counts more than once.';
COMMENT ON COLUMN audit.export.tables IS 'Tables of the query that passed it.';
COMMENT ON COLUMN audit.export.purpose IS 'From the setting ekok.purpose; null: none was said.';
DO $$ BEGIN
    PERFORM audit.guard('audit.export'), audit.attach('audit.export');
END $$;

CREATE INDEX reading_by_row ON audit.reading (row_id, at);
CREATE INDEX reading_by_actor ON audit.reading (actor, at);
COMMENT ON INDEX audit.reading_by_row IS 'Who saw this citizen.';
COMMENT ON INDEX audit.reading_by_actor IS 'What did this user look at.';

COMMIT;
