-- Deploy ekok:verification_systems to pg
-- Promises one declared shape for every system that is asked about enrolments (what is asked, quota, validity, what each
-- documented answer means), verdicts that name the answer they rest on, and books of what was asked: no quota is spent
-- without a row here, so that a crash or a second daemon can't spend it twice. Rows are written by functions only.

BEGIN;

SET LOCAL ROLE ekok_owner;

CREATE TABLE registry.verification_system (
    code text PRIMARY KEY CONSTRAINT verification_system_code_form CHECK (code ~ '^[a-z][a-z0-9_]{0,30}$'),
    title text NOT NULL,
    question text NOT NULL,
    asks text[] NOT NULL CONSTRAINT verification_system_asks_known CHECK (cardinality(asks) > 0
        AND asks <@ ARRAY['nid', 'brn', 'mobile', 'wallet', 'account', 'birth_date']),
    wallet_provider text,
    before_payment boolean NOT NULL,
    speaks_against text CONSTRAINT verification_system_speaks_against_known CHECK (speaks_against IN ('match', 'mismatch')),
    batch int NOT NULL CONSTRAINT verification_system_batch_range CHECK (batch BETWEEN 1 AND 500),
    quota_day int NOT NULL CONSTRAINT verification_system_quota_day_range CHECK (quota_day BETWEEN 0 AND 100000000),
    quota_minute int NOT NULL CONSTRAINT verification_system_quota_minute_range CHECK (quota_minute BETWEEN 1 AND 1000000),
    grants_hour int CONSTRAINT verification_system_grants_hour_range CHECK (grants_hour BETWEEN 1 AND 3600),
    valid_match interval NOT NULL,
    valid_mismatch interval NOT NULL,
    valid_unknown interval NOT NULL,
    state text NOT NULL CONSTRAINT verification_system_state_known CHECK (state IN ('active', 'off')),
    source text NOT NULL CONSTRAINT verification_system_source_given CHECK (btrim(source) <> ''),
    confidence text NOT NULL CONSTRAINT verification_system_confidence_known
        CHECK (confidence IN ('documented', 'code', 'reported', 'guess')),
    CONSTRAINT verification_system_validity_positive CHECK (valid_match > interval '0' AND valid_mismatch > interval '0'
                                                         AND valid_unknown > interval '0'),
    CONSTRAINT verification_system_fits_wallet CHECK (wallet_provider IS NULL OR 'wallet' = ANY (asks)),
    CONSTRAINT verification_system_fits_batch CHECK (batch <= quota_minute)
);
COMMENT ON TABLE registry.verification_system IS 'A system that answers about a person or an account, in the one shape of all of them: a further one is a row here, its answers, and a connection file of the daemon.';
COMMENT ON COLUMN registry.verification_system.code IS 'Short name, 1 to 31 of a-z, 0-9 and _.';
COMMENT ON COLUMN registry.verification_system.title IS 'Its name and owner.';
COMMENT ON COLUMN registry.verification_system.question IS 'What a match affirms, in words.';
COMMENT ON COLUMN registry.verification_system.asks IS 'Fields that are sent: nid, brn, mobile, wallet, account, birth_date. An enrolment that lacks one can''t be asked about.';
COMMENT ON COLUMN registry.verification_system.wallet_provider IS 'Only enrolments paid by this provider are asked about; null: all.';
COMMENT ON COLUMN registry.verification_system.before_payment IS 'True: it checks the pair of account and NID, which registry.payment_check asks for.';
COMMENT ON COLUMN registry.verification_system.speaks_against IS 'Verdict of it that speaks against a payment: match (a list that excludes) or mismatch; null: neither does.';
COMMENT ON COLUMN registry.verification_system.batch IS 'Enrolments in one request, 1 to 500.';
COMMENT ON COLUMN registry.verification_system.quota_day IS 'Enrolments that may be asked about in a day of Asia/Dhaka, 0 or more.';
COMMENT ON COLUMN registry.verification_system.quota_minute IS 'Enrolments that may be asked about in a minute.';
COMMENT ON COLUMN registry.verification_system.grants_hour IS 'Tokens that may be asked for in any 60 minutes; null: it gives none.';
COMMENT ON COLUMN registry.verification_system.valid_match IS 'How long a match may be relied on at risk 0; risk 1 halves it, risk 2 leaves a third.';
COMMENT ON COLUMN registry.verification_system.valid_mismatch IS 'The same of a mismatch.';
COMMENT ON COLUMN registry.verification_system.valid_unknown IS 'The same of unknown: when it may be asked again.';
COMMENT ON COLUMN registry.verification_system.state IS 'active, or off: it is not asked.';
COMMENT ON COLUMN registry.verification_system.source IS 'Where the shape of its messages and its limits are from.';
COMMENT ON COLUMN registry.verification_system.confidence IS 'documented: by its owner; code: read in public code written for it; reported: widely; guess: ours, to be settled with the owner.';

CREATE TABLE registry.verification_answer (
    system text REFERENCES registry.verification_system,
    answer text CONSTRAINT verification_answer_form CHECK (answer ~ '^[A-Za-z0-9_.]{1,48}=[A-Za-z0-9_. -]{1,48}$'),
    verdict text NOT NULL CONSTRAINT verification_answer_verdict_tri_state CHECK (verdict IN ('match', 'mismatch', 'unknown')),
    reason text NOT NULL CONSTRAINT verification_answer_reason_given CHECK (btrim(reason) <> ''),
    confidence text NOT NULL CONSTRAINT verification_answer_confidence_known
        CHECK (confidence IN ('documented', 'code', 'reported', 'guess')),
    PRIMARY KEY (system, answer)
);
COMMENT ON TABLE registry.verification_answer IS 'What each answer of a system means. An answer that is not here is unknown, with itself as the reason.';
COMMENT ON COLUMN registry.verification_answer.system IS 'The system.';
COMMENT ON COLUMN registry.verification_answer.answer IS 'Field and value that decide, as field=value; http=NNN where the status does.';
COMMENT ON COLUMN registry.verification_answer.verdict IS 'match, mismatch or unknown; "not found" is always unknown.';
COMMENT ON COLUMN registry.verification_answer.reason IS 'The answer in words.';
COMMENT ON COLUMN registry.verification_answer.confidence IS 'As registry.verification_system.confidence, of this answer.';

CREATE TABLE registry.verification_policy (
    reason text PRIMARY KEY CONSTRAINT verification_policy_reason_known
        CHECK (reason IN ('payment list', 'under review', 'changed', 'never asked', 'expired')),
    rank int NOT NULL UNIQUE CONSTRAINT verification_policy_rank_range CHECK (rank BETWEEN 1 AND 1000),
    meaning text NOT NULL
);
COMMENT ON TABLE registry.verification_policy IS 'The stated order of asking: the lowest rank first; within a rank the higher risk, then what has waited longest.';
COMMENT ON COLUMN registry.verification_policy.reason IS 'Why an enrolment is to be asked about.';
COMMENT ON COLUMN registry.verification_policy.rank IS 'Its place in the order, 1 to 1000; 1 comes first.';
COMMENT ON COLUMN registry.verification_policy.meaning IS 'When the reason holds.';

CREATE TABLE registry.payment_list (
    programme text REFERENCES registry.programme,
    pay_on date,
    announced_by name NOT NULL DEFAULT session_user,
    announced_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (programme, pay_on)
);
COMMENT ON TABLE registry.payment_list IS 'Days on which a programme pays; written by registry.announce_payment. Account and NID of its enrolments are asked about in the 14 days before.';
COMMENT ON COLUMN registry.payment_list.programme IS 'The programme that pays.';
COMMENT ON COLUMN registry.payment_list.pay_on IS 'The day.';
COMMENT ON COLUMN registry.payment_list.announced_by IS 'Who announced it (session_user).';
COMMENT ON COLUMN registry.payment_list.announced_at IS 'When.';

ALTER TABLE registry.verification
    ADD COLUMN answer text,
    ADD COLUMN reason text,
    ADD COLUMN basis bytea CONSTRAINT verification_basis_size CHECK (octet_length(basis) = 32),
    ADD COLUMN risk smallint CONSTRAINT verification_risk_range CHECK (risk BETWEEN 0 AND 2);
COMMENT ON COLUMN registry.verification.answer IS 'What the system answered, as registry.verification_answer.answer; null in rows written before answers were kept.';
COMMENT ON COLUMN registry.verification.reason IS 'The answer in words.';
COMMENT ON COLUMN registry.verification.basis IS 'SHA-256 over the tokens and the birth date that were asked, 32 bytes: the verdict is about these values, and void for others.';
COMMENT ON COLUMN registry.verification.risk IS 'Risk of the enrolment when it was asked, 0 to 2: shortens the validity.';
CREATE INDEX verification_by_basis ON registry.verification (system, basis, asked_at);
COMMENT ON INDEX registry.verification_by_basis IS 'One answer serves every enrolment with the same values.';

CREATE TABLE etl.verification_batch (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    system text NOT NULL REFERENCES registry.verification_system,
    state text NOT NULL DEFAULT 'open' CONSTRAINT verification_batch_state_known CHECK (state IN ('open', 'answered', 'failed', 'lost')),
    size int NOT NULL CONSTRAINT verification_batch_size_positive CHECK (size > 0),
    answered int NOT NULL DEFAULT 0,
    problem text,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    CONSTRAINT verification_batch_answered_range CHECK (answered BETWEEN 0 AND size),
    CONSTRAINT verification_batch_ends_with_state CHECK ((state = 'open') = (ended_at IS NULL))
);
CREATE INDEX verification_batch_open ON etl.verification_batch (system) WHERE state = 'open';
COMMENT ON TABLE etl.verification_batch IS 'Requests to a system: reserved, and so spent, before they are sent.';
COMMENT ON COLUMN etl.verification_batch.id IS 'Running number, with gaps; part of the request id that the other side sees.';
COMMENT ON COLUMN etl.verification_batch.system IS 'The system that is asked.';
COMMENT ON COLUMN etl.verification_batch.state IS 'open: under way; answered; failed: no answer that could be used; lost: its session ended first.';
COMMENT ON COLUMN etl.verification_batch.size IS 'Enrolments asked about.';
COMMENT ON COLUMN etl.verification_batch.answered IS 'Of these, with a verdict.';
COMMENT ON COLUMN etl.verification_batch.problem IS 'Why it failed, without identifiers; null otherwise.';
COMMENT ON COLUMN etl.verification_batch.opened_at IS 'When it was reserved.';
COMMENT ON COLUMN etl.verification_batch.ended_at IS 'When it ended; null while it is open.';

CREATE TABLE etl.verification_request (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    system text NOT NULL REFERENCES registry.verification_system,
    enrolment_id uuid NOT NULL REFERENCES registry.enrolment,
    basis bytea NOT NULL,
    rank int NOT NULL,
    reason text NOT NULL,
    risk smallint NOT NULL,
    since timestamptz NOT NULL,
    batch_id bigint REFERENCES etl.verification_batch,
    UNIQUE (system, basis)
);
CREATE INDEX verification_request_in_order ON etl.verification_request (system, rank, risk DESC, since, id) WHERE batch_id IS NULL;
CREATE INDEX verification_request_by_batch ON etl.verification_request (batch_id) WHERE batch_id IS NOT NULL;
COMMENT ON TABLE etl.verification_request IS 'What is to be asked next, and what is being asked: planned from registry.verification_queue, gone when answered.';
COMMENT ON COLUMN etl.verification_request.id IS 'Running number, with gaps; the name under which the other side answers.';
COMMENT ON COLUMN etl.verification_request.system IS 'The system to ask.';
COMMENT ON COLUMN etl.verification_request.enrolment_id IS 'The enrolment whose values are sent; others with the same values share the answer.';
COMMENT ON COLUMN etl.verification_request.basis IS 'As registry.verification.basis.';
COMMENT ON COLUMN etl.verification_request.rank IS 'As registry.verification_policy.rank.';
COMMENT ON COLUMN etl.verification_request.reason IS 'As registry.verification_policy.reason.';
COMMENT ON COLUMN etl.verification_request.risk IS 'Risk of the enrolment, 0 to 2: registry.verification_risk.';
COMMENT ON COLUMN etl.verification_request.since IS 'Since when it waits.';
COMMENT ON COLUMN etl.verification_request.batch_id IS 'The request it travels in; null while it is planned only.';

CREATE TABLE etl.verification_spent (
    system text REFERENCES registry.verification_system,
    day date,
    asked int NOT NULL DEFAULT 0 CONSTRAINT verification_spent_asked_not_negative CHECK (asked >= 0),
    minute timestamptz NOT NULL DEFAULT '-infinity',
    asked_minute int NOT NULL DEFAULT 0 CONSTRAINT verification_spent_minute_not_negative CHECK (asked_minute >= 0),
    closed_by text,
    PRIMARY KEY (system, day)
);
COMMENT ON TABLE etl.verification_spent IS 'Quota used: a row for each system and day of Asia/Dhaka, locked by whoever reserves.';
COMMENT ON COLUMN etl.verification_spent.system IS 'The system.';
COMMENT ON COLUMN etl.verification_spent.day IS 'Day of Asia/Dhaka.';
COMMENT ON COLUMN etl.verification_spent.asked IS 'Enrolments asked about on that day, answered or not.';
COMMENT ON COLUMN etl.verification_spent.minute IS 'The minute asked in last.';
COMMENT ON COLUMN etl.verification_spent.asked_minute IS 'Enrolments asked about in that minute.';
COMMENT ON COLUMN etl.verification_spent.closed_by IS 'Why nothing more is asked on that day (the system said that its quota is used up); null: go on.';

CREATE TABLE etl.verification_grant (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    system text NOT NULL REFERENCES registry.verification_system,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sealed bytea,
    expires_at timestamptz,
    CONSTRAINT verification_grant_whole CHECK ((sealed IS NULL) = (expires_at IS NULL))
);
CREATE INDEX verification_grant_latest ON etl.verification_grant (system, asked_at);
COMMENT ON TABLE etl.verification_grant IS 'Tokens that were asked for: reserved before the request is sent, whether or not one was given. A daemon that starts again takes up the token that is still good.';
COMMENT ON COLUMN etl.verification_grant.id IS 'Running number, with gaps; place of the sealed token in its associated data.';
COMMENT ON COLUMN etl.verification_grant.system IS 'The system that grants.';
COMMENT ON COLUMN etl.verification_grant.asked_at IS 'When it was asked for.';
COMMENT ON COLUMN etl.verification_grant.sealed IS 'The token, sealed; null: none was given, or it is used up.';
COMMENT ON COLUMN etl.verification_grant.expires_at IS 'Until when the token is good; null without one.';

DO $$ BEGIN
    PERFORM audit.attach('registry.verification_system'), audit.attach('registry.verification_answer'),
            audit.attach('registry.verification_policy'), audit.attach('registry.payment_list');
END $$;

COMMIT;
