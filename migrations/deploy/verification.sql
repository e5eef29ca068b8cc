-- Deploy ekok:verification to pg
-- Promises that a verdict is match, mismatch or unknown, with its source, time, validity and request: "not found" at
-- another system is unknown, never a mismatch.

BEGIN;

SET LOCAL ROLE ekok_owner;

CREATE TABLE registry.verification (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    enrolment_id uuid NOT NULL REFERENCES registry.enrolment,
    system text NOT NULL,
    verdict text NOT NULL CONSTRAINT verification_verdict_tri_state CHECK (verdict IN ('match', 'mismatch', 'unknown')),
    asked_at timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    request_id text NOT NULL,
    CONSTRAINT verification_validity_ordered CHECK (valid_until >= asked_at)
);
CREATE INDEX verification_by_enrolment ON registry.verification (enrolment_id, system, asked_at);
COMMENT ON TABLE registry.verification IS 'What another system (BDRIS, BTRC, a wallet provider, NID) answered about an enrolment.';
COMMENT ON COLUMN registry.verification.id IS 'Running number, with gaps.';
COMMENT ON COLUMN registry.verification.enrolment_id IS 'The enrolment it was asked about.';
COMMENT ON COLUMN registry.verification.system IS 'The system that was asked.';
COMMENT ON COLUMN registry.verification.verdict IS 'match, mismatch or unknown; "not found" and "no answer" are unknown.';
COMMENT ON COLUMN registry.verification.asked_at IS 'When it was asked.';
COMMENT ON COLUMN registry.verification.valid_until IS 'Until when the verdict may be relied on.';
COMMENT ON COLUMN registry.verification.request_id IS 'Id of the request, known to both sides.';

DO $$ BEGIN
    PERFORM audit.attach('registry.verification');
END $$;

COMMIT;
