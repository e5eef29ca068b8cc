-- Deploy ekok:hold_approval to pg
-- Promises that what keeps a subject's data, a legal hold or a programme's term of keeping, is weakened by two: proposed by one
-- operator, approved by another within a week, and both are written down. To place a hold, or to keep longer, needs one.

BEGIN;

SET LOCAL ROLE ekok_owner;

-- They did it alone; sql/apply.sql brings what takes two.
DROP FUNCTION IF EXISTS registry.lift_legal_hold(bigint), registry.set_retention(text, interval, text);

CREATE TABLE registry.keeping_proposal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hold bigint REFERENCES registry.legal_hold,
    programme text REFERENCES registry.programme,
    keep interval CONSTRAINT keeping_proposal_range CHECK (keep BETWEEN interval '1 day' AND interval '100 years'),
    was interval,
    basis text NOT NULL CONSTRAINT keeping_proposal_basis_given CHECK (octet_length(btrim(basis)) BETWEEN 3 AND 500),
    proposed_by name NOT NULL DEFAULT session_user,
    proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL DEFAULT clock_timestamp() + interval '7 days',
    outcome text CONSTRAINT keeping_proposal_outcome_known CHECK (outcome IN ('approved', 'withdrawn', 'refused', 'expired')),
    ended_by name,
    ended_at timestamptz,
    CONSTRAINT keeping_proposal_of_one CHECK (CASE WHEN hold IS NULL THEN num_nulls(programme, was) = 0 ELSE num_nonnulls(programme, keep, was) = 0 END),
    CONSTRAINT keeping_proposal_expires CHECK (expires_at > proposed_at AND expires_at <= proposed_at + interval '8 days'),
    CONSTRAINT keeping_proposal_ends_by_somebody CHECK (num_nulls(outcome, ended_by, ended_at) IN (0, 3)),
    CONSTRAINT keeping_proposal_by_two CHECK (outcome IS DISTINCT FROM 'approved' OR ended_by <> proposed_by AND ended_at <= expires_at)
);
CREATE UNIQUE INDEX keeping_proposal_waiting ON registry.keeping_proposal (hold, programme) NULLS NOT DISTINCT WHERE outcome IS NULL;
COMMENT ON TABLE registry.keeping_proposal IS 'Proposals to lift a legal hold, or to keep a programme''s enrolments for less time, and what came of them: one operator proposes, another approves.';
COMMENT ON COLUMN registry.keeping_proposal.id IS 'Running number, with gaps.';
COMMENT ON COLUMN registry.keeping_proposal.hold IS 'The hold that is to be lifted; null: a term is to become shorter.';
COMMENT ON COLUMN registry.keeping_proposal.programme IS 'The programme whose term is to become shorter; null: a hold is to be lifted.';
COMMENT ON COLUMN registry.keeping_proposal.keep IS 'Its new term, 1 day to 100 years; null: none any more.';
COMMENT ON COLUMN registry.keeping_proposal.was IS 'The term that was in force when this was proposed. It is approved against no other.';
COMMENT ON COLUMN registry.keeping_proposal.basis IS 'Why, by which law or decision, 3 to 500 bytes; never a name or a number of a subject.';
COMMENT ON COLUMN registry.keeping_proposal.proposed_by IS 'Who proposed it.';
COMMENT ON COLUMN registry.keeping_proposal.proposed_at IS 'When.';
COMMENT ON COLUMN registry.keeping_proposal.expires_at IS 'Until when it can be approved: seven days.';
COMMENT ON COLUMN registry.keeping_proposal.outcome IS 'approved by another, withdrawn by who proposed it, refused by another, expired; null: it waits, until it expires.';
COMMENT ON COLUMN registry.keeping_proposal.ended_by IS 'Who ended it; ekok_owner: nobody did, time.';
COMMENT ON COLUMN registry.keeping_proposal.ended_at IS 'When.';
COMMENT ON INDEX registry.keeping_proposal_waiting IS 'Of a hold, and of a programme, one proposal waits at most.';

SELECT audit.attach('registry.keeping_proposal');

COMMIT;
