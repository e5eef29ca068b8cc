-- Deploy ekok:access_scopes to pg
-- Promises that a scope has a purpose and an end, that what a request gave rests on two approvals by two others, that one
-- request gives one grant, and that break-glass ends within an hour and stays open for review until somebody else has
-- written one. Refuses a keeper too many: 2 of 3 hold the glass. Grants nothing to anybody by itself.

BEGIN;

ALTER EXTENSION ekok UPDATE;

DO $$
DECLARE
    duty record;
BEGIN
    FOR duty IN
        SELECT * FROM (VALUES
            ('ekok_account', 'Every registered login: asks for access, looks at its own, changes its password.'),
            ('ekok_access_officer', 'Approves and revokes access, reviews it, registers accounts; sees no person.'),
            ('ekok_keeper', 'One of three who open the break-glass together with another; sees no person.'),
            ('ekok_break_glass', 'Whoever the break-glass is open for: reads persons by a function that records each.'),
            ('ekok_api_client', 'A program of another body that asks the registry; sees what its scope says.'),
            ('ekok_scope_all', 'Shape of a scope: every row.'),
            ('ekok_scope_ministry', 'Shape of a scope: the programmes of some ministries, wherever.'),
            ('ekok_scope_place', 'Shape of a scope: some places.')) d(name, what)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = duty.name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS', duty.name);
            EXECUTE format('COMMENT ON ROLE %I IS %L', duty.name, duty.what);
        END IF;
    END LOOP;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO ekok_account, ekok_access_officer, ekok_keeper, ekok_api_client', current_database());
    -- What the owner's functions may give away, and nothing else: ADMIN OPTION needs no CREATEROLE.
    GRANT ekok_account, ekok_analyst, ekok_operator, ekok_auditor, ekok_access_officer, ekok_keeper, ekok_break_glass, ekok_api_client,
        ekok_scope_all, ekok_scope_ministry, ekok_scope_place TO ekok_owner WITH ADMIN OPTION;
    -- The daemon merges, sweeps and reads its books over every source.
    GRANT ekok_scope_all TO ekok_etl;
END $$;

GRANT EXECUTE ON FUNCTION ekok.stepped_up() TO ekok_owner;
SET LOCAL ROLE ekok_owner;

CREATE TABLE access.duty (
    code text PRIMARY KEY CONSTRAINT duty_code_form CHECK (code ~ '^[a-z][a-z -]{1,30}$'),
    role name NOT NULL UNIQUE,
    what text NOT NULL,
    scoped boolean NOT NULL,
    step_up boolean NOT NULL,
    longest interval NOT NULL CONSTRAINT duty_longest_range CHECK (longest > '0' AND longest <= '366 days')
);
COMMENT ON TABLE access.duty IS 'The duties that can be asked for, and the role behind each.';
COMMENT ON COLUMN access.duty.code IS 'Its name, as in access.grant_request.role.';
COMMENT ON COLUMN access.duty.role IS 'Role without login that holds its privileges.';
COMMENT ON COLUMN access.duty.what IS 'What it is for.';
COMMENT ON COLUMN access.duty.scoped IS 'Whether it reads persons, within a scope.';
COMMENT ON COLUMN access.duty.step_up IS 'Whether its sessions must show a one-time code before they act (access.step_up).';
COMMENT ON COLUMN access.duty.longest IS 'Longest time for which it is given at once.';
INSERT INTO access.duty (code, role, what, scoped, step_up, longest) VALUES
    ('analyst', 'ekok_analyst', 'reads the registry without sealed values, and the reports', true, false, '366 days'),
    ('operator', 'ekok_operator', 'runs ingestion, decides about pairs, governs rules and sources', true, false, '366 days'),
    ('auditor', 'ekok_auditor', 'reads the trace and the books of access', false, false, '366 days'),
    ('access officer', 'ekok_access_officer', 'approves, revokes and reviews access', false, true, '366 days'),
    ('keeper', 'ekok_keeper', 'opens the break-glass with one of two others', false, true, '366 days'),
    ('api client', 'ekok_api_client', 'a program that asks for another body', true, false, '366 days'),
    ('break glass', 'ekok_break_glass', 'reads any person for one hour, each recorded', false, true, '1 hour');

ALTER TABLE access.grant_request DROP CONSTRAINT grant_request_role_known,
    ADD CONSTRAINT grant_request_role_fkey FOREIGN KEY (role) REFERENCES access.duty,
    ADD COLUMN withdrawn_at timestamptz;
COMMENT ON COLUMN access.grant_request.role IS 'The duty asked for, of access.duty.';
COMMENT ON COLUMN access.grant_request.withdrawn_at IS 'When the requester took it back; null: not.';
CREATE UNIQUE INDEX session_one_per_request ON access.session (request_id);
COMMENT ON INDEX access.session_one_per_request IS 'One request is granted once, whoever approves at the same moment.';

CREATE TABLE access.account (
    login name PRIMARY KEY,
    holder text NOT NULL CONSTRAINT account_holder_given CHECK (btrim(holder) <> ''),
    kind text NOT NULL CONSTRAINT account_kind_known CHECK (kind IN ('person', 'program')),
    certificate text UNIQUE CONSTRAINT account_certificate_form CHECK (certificate ~ '^[A-Za-z0-9._@-]{1,64}$'),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    made_by name NOT NULL DEFAULT session_user,
    last_seen timestamptz,
    disabled_at timestamptz,
    disabled_because text,
    CONSTRAINT account_disabled_whole CHECK (num_nulls(disabled_at, disabled_because) IN (0, 2))
);
CREATE UNIQUE INDEX account_one_per_person ON access.account (holder) WHERE kind = 'person' AND disabled_at IS NULL;
COMMENT ON TABLE access.account IS 'Whose each login is: one person has one login, one login is one person''s.';
COMMENT ON COLUMN access.account.login IS 'Login role.';
COMMENT ON COLUMN access.account.holder IS 'The person or the program, as the employer names it (service number, name).';
COMMENT ON COLUMN access.account.kind IS 'person or program.';
COMMENT ON COLUMN access.account.certificate IS 'Common name of the client certificate that belongs to it; null: none.';
COMMENT ON COLUMN access.account.made_at IS 'When it was registered.';
COMMENT ON COLUMN access.account.made_by IS 'Who registered it.';
COMMENT ON COLUMN access.account.last_seen IS 'Its last recorded login; null: none.';
COMMENT ON COLUMN access.account.disabled_at IS 'Since when it cannot log in; null: it can.';
COMMENT ON COLUMN access.account.disabled_because IS 'Why.';

CREATE TABLE access.scope (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login name NOT NULL REFERENCES access.account,
    duty text NOT NULL REFERENCES access.duty,
    ministry text REFERENCES registry.ministry,
    geo text REFERENCES registry.geo,
    purpose text NOT NULL CONSTRAINT scope_purpose_given CHECK (btrim(purpose) <> ''),
    session_id bigint UNIQUE REFERENCES access.session,
    granted_by name NOT NULL DEFAULT session_user,
    granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_by name,
    revoked_because text,
    CONSTRAINT scope_ends CHECK (isfinite(expires_at) AND expires_at > granted_at AND expires_at <= granted_at + interval '367 days'),
    CONSTRAINT scope_revoked_whole CHECK (num_nulls(revoked_at, revoked_by, revoked_because) IN (0, 3))
);
CREATE INDEX scope_standing ON access.scope (login) WHERE revoked_at IS NULL;
COMMENT ON TABLE access.scope IS 'What a login may do and see: a duty within a ministry and a place, for a purpose, until a day. In force while neither expired nor revoked.';
COMMENT ON COLUMN access.scope.id IS 'Running number, with gaps.';
COMMENT ON COLUMN access.scope.login IS 'Whose.';
COMMENT ON COLUMN access.scope.duty IS 'The duty.';
COMMENT ON COLUMN access.scope.ministry IS 'Only enrolments in programmes of this ministry; null: of all.';
COMMENT ON COLUMN access.scope.geo IS 'Only enrolments within this division, district, upazila or union; null: everywhere, also those without a place.';
COMMENT ON COLUMN access.scope.purpose IS 'Why, in words.';
COMMENT ON COLUMN access.scope.session_id IS 'The grant with its two approvals; null: given by access.install, when there was nobody to approve.';
COMMENT ON COLUMN access.scope.granted_by IS 'Login whose act put it in force: the second approver, or who installed it.';
COMMENT ON COLUMN access.scope.granted_at IS 'When.';
COMMENT ON COLUMN access.scope.expires_at IS 'When it ends by itself.';
COMMENT ON COLUMN access.scope.revoked_at IS 'When it was taken back; null: not.';
COMMENT ON COLUMN access.scope.revoked_by IS 'Who took it back; ekok_owner: nobody did, time or silence.';
COMMENT ON COLUMN access.scope.revoked_because IS 'Why.';

CREATE TABLE access.review (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    begun_by name NOT NULL DEFAULT session_user,
    due_at timestamptz NOT NULL,
    closed_at timestamptz,
    revoked int,
    CONSTRAINT review_due_later CHECK (due_at > begun_at),
    CONSTRAINT review_closed_whole CHECK (num_nulls(closed_at, revoked) IN (0, 2))
);
CREATE UNIQUE INDEX review_one_open ON access.review ((true)) WHERE closed_at IS NULL;
COMMENT ON TABLE access.review IS 'Rounds in which every standing scope is confirmed by another, or goes.';
COMMENT ON COLUMN access.review.id IS 'Running number, with gaps.';
COMMENT ON COLUMN access.review.begun_at IS 'When it began; scopes granted later are not looked at.';
COMMENT ON COLUMN access.review.begun_by IS 'Who began it.';
COMMENT ON COLUMN access.review.due_at IS 'Until when silence is waited for.';
COMMENT ON COLUMN access.review.closed_at IS 'When it was closed; null: open.';
COMMENT ON COLUMN access.review.revoked IS 'Scopes that nobody confirmed, and that were revoked.';

CREATE TABLE access.attestation (
    review_id bigint REFERENCES access.review,
    scope_id bigint REFERENCES access.scope,
    login name NOT NULL DEFAULT session_user,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (review_id, scope_id)
);
COMMENT ON TABLE access.attestation IS 'Scopes that somebody else confirmed as still needed.';
COMMENT ON COLUMN access.attestation.review_id IS 'The round.';
COMMENT ON COLUMN access.attestation.scope_id IS 'The scope.';
COMMENT ON COLUMN access.attestation.login IS 'Who confirmed; never the holder.';
COMMENT ON COLUMN access.attestation.at IS 'When.';

CREATE TABLE access.glass (
    scope_id bigint PRIMARY KEY REFERENCES access.scope,
    reviewed_by name,
    reviewed_at timestamptz,
    finding text CONSTRAINT glass_finding_given CHECK (btrim(finding) <> ''),
    CONSTRAINT glass_review_whole CHECK (num_nulls(reviewed_by, reviewed_at, finding) IN (0, 3))
);
COMMENT ON TABLE access.glass IS 'Each breaking of the glass, and what a review found.';
COMMENT ON COLUMN access.glass.scope_id IS 'The scope of duty break glass: who, why, until when.';
COMMENT ON COLUMN access.glass.reviewed_by IS 'Who looked at what was read; null: nobody yet, and no glass is broken until then.';
COMMENT ON COLUMN access.glass.reviewed_at IS 'When.';
COMMENT ON COLUMN access.glass.finding IS 'What the review found.';

CREATE TABLE access.login (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login name NOT NULL,
    at timestamptz NOT NULL,
    address text,
    certificate text,
    pid int NOT NULL
);
CREATE INDEX login_by_login ON access.login (login, at);
COMMENT ON TABLE access.login IS 'Logins as the server''s hook saw them; collected by access.sweep from a ring in shared memory that a restart empties.';
COMMENT ON COLUMN access.login.id IS 'Running number, with gaps.';
COMMENT ON COLUMN access.login.login IS 'Who logged in, registered or not.';
COMMENT ON COLUMN access.login.at IS 'When, by the server''s clock.';
COMMENT ON COLUMN access.login.address IS 'From where; null: by the local socket.';
COMMENT ON COLUMN access.login.certificate IS 'Distinguished name of the client certificate; null: none.';
COMMENT ON COLUMN access.login.pid IS 'Process of the session.';

CREATE TABLE etl.definition_proposal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    definition jsonb NOT NULL,
    proposed_by name NOT NULL DEFAULT session_user,
    proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    activated_by name,
    activated_at timestamptz,
    version int,
    CONSTRAINT definition_proposal_by_another CHECK (activated_by <> proposed_by),
    CONSTRAINT definition_proposal_whole CHECK (num_nulls(activated_by, activated_at, version) IN (0, 3))
);
COMMENT ON TABLE etl.definition_proposal IS 'Definitions of sources as one person wrote them, until another puts them in force.';
COMMENT ON COLUMN etl.definition_proposal.id IS 'Running number, with gaps.';
COMMENT ON COLUMN etl.definition_proposal.source IS 'The source that it names.';
COMMENT ON COLUMN etl.definition_proposal.definition IS 'As etl.source_definition.definition.';
COMMENT ON COLUMN etl.definition_proposal.proposed_by IS 'Who wrote it.';
COMMENT ON COLUMN etl.definition_proposal.proposed_at IS 'When.';
COMMENT ON COLUMN etl.definition_proposal.activated_by IS 'Who put it in force; never who wrote it. Null: nobody yet.';
COMMENT ON COLUMN etl.definition_proposal.activated_at IS 'When.';
COMMENT ON COLUMN etl.definition_proposal.version IS 'The version that it became.';

-- What the policies read by: programme, then place within it.
CREATE INDEX enrolment_by_scope ON registry.enrolment (programme, geo);
COMMENT ON INDEX registry.enrolment_by_scope IS 'For scopes by ministry and place.';

DO $$ BEGIN
    PERFORM audit.attach(('access.' || t)::regclass)
    FROM unnest(ARRAY['duty', 'account', 'grant_request', 'approval', 'session', 'scope', 'review', 'attestation', 'glass']) t;
    PERFORM audit.attach('etl.definition_proposal');
    -- What stood before it was audited.
    PERFORM audit.adopt(('access.' || t)::regclass) FROM unnest(ARRAY['duty', 'grant_request', 'approval', 'session']) t;
END $$;

COMMIT;
