-- Deploy ekok:rotation_left to pg
-- Promises that rows which keep a rotation of content MACs open are given up by two, never by one: how many, why, by whom and
-- when stands there, and in the trace.

BEGIN;

SET LOCAL ROLE ekok_owner;

CREATE TABLE keyring.settlement (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rotation_id bigint NOT NULL REFERENCES keyring.rotation,
    rows bigint NOT NULL CONSTRAINT settlement_rows_range CHECK (rows > 0),
    reason text NOT NULL CONSTRAINT settlement_reason_given CHECK (octet_length(btrim(reason)) BETWEEN 3 AND 500),
    proposed_by name NOT NULL DEFAULT session_user,
    proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL DEFAULT clock_timestamp() + interval '7 days',
    outcome text CONSTRAINT settlement_outcome_known CHECK (outcome IN ('approved', 'withdrawn', 'refused', 'expired')),
    ended_by name,
    ended_at timestamptz,
    CONSTRAINT settlement_expires CHECK (expires_at > proposed_at AND expires_at <= proposed_at + interval '8 days'),
    CONSTRAINT settlement_ends_by_somebody CHECK (num_nulls(outcome, ended_by, ended_at) IN (0, 3)),
    CONSTRAINT settlement_by_two CHECK (outcome IS DISTINCT FROM 'approved' OR ended_by <> proposed_by AND ended_at <= expires_at)
);
CREATE UNIQUE INDEX settlement_waiting ON keyring.settlement (rotation_id) WHERE outcome IS NULL;
COMMENT ON TABLE keyring.settlement IS 'Proposals to end a rotation of content MACs without the rows that it cannot make anew and that never come again, and what came of them: one operator proposes, another approves.';
COMMENT ON COLUMN keyring.settlement.id IS 'Running number, with gaps.';
COMMENT ON COLUMN keyring.settlement.rotation_id IS 'The rotation.';
COMMENT ON COLUMN keyring.settlement.rows IS 'How many rows were left when it was proposed. It is approved for no other number.';
COMMENT ON COLUMN keyring.settlement.reason IS 'Why nobody sends them any more, 3 to 500 bytes; never a name or a number of a person.';
COMMENT ON COLUMN keyring.settlement.proposed_by IS 'Who proposed it.';
COMMENT ON COLUMN keyring.settlement.proposed_at IS 'When.';
COMMENT ON COLUMN keyring.settlement.expires_at IS 'Until when it can be approved: seven days.';
COMMENT ON COLUMN keyring.settlement.outcome IS 'approved by another, withdrawn by who proposed it, refused by another, expired; null: it waits, until it expires.';
COMMENT ON COLUMN keyring.settlement.ended_by IS 'Who ended it; ekok_owner: nobody did, time.';
COMMENT ON COLUMN keyring.settlement.ended_at IS 'When.';
COMMENT ON INDEX keyring.settlement_waiting IS 'One waits at most.';

SELECT audit.attach('keyring.settlement');

COMMIT;
