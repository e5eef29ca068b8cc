-- Revert ekok:matching from pg
-- Matches are deleted as on deploy; decisions are lost with their reasons, and so is the history of persons.

BEGIN;

SET LOCAL client_min_messages = warning;
SET LOCAL ekok.purpose = 'revert of migration matching: the next sweep finds the pairs again';
DROP VIEW IF EXISTS registry.queue, registry.sweep_progress;
DELETE FROM registry.match;
DROP SCHEMA sweep CASCADE;
DROP TABLE registry.sweep_count, registry.sweep_run, registry.person_event, registry.decision, registry.weights,
    registry.pending, registry.blocking, registry.evidence_kind CASCADE;
DROP SEQUENCE registry.pending_stamp;
ALTER TABLE registry.match DROP CONSTRAINT match_pkey, DROP CONSTRAINT match_held_joins, DROP CONSTRAINT match_state_known;
DROP INDEX registry.match_open;
ALTER TABLE registry.match DROP COLUMN kinds, DROP COLUMN score, DROP COLUMN held;
ALTER TABLE registry.match
    ADD COLUMN kind text CONSTRAINT match_kind_known CHECK (kind IN ('nid', 'brn', 'mobile', 'wallet', 'account')),
    ADD COLUMN decision text CONSTRAINT match_decision_known CHECK (decision IN ('same', 'different')),
    ADD COLUMN decided_by name,
    ADD COLUMN decided_at timestamptz,
    ADD PRIMARY KEY (a, b, kind),
    ADD CONSTRAINT match_state_known CHECK (state IN ('certain', 'probable', 'shared')),
    ADD CONSTRAINT match_decision_whole CHECK (num_nulls(decision, decided_by, decided_at) IN (0, 3));
SELECT audit.attach('registry.match');
UPDATE registry.membership SET basis = 'evidence' WHERE basis = 'likeness';
ALTER TABLE registry.membership DROP CONSTRAINT membership_basis_known;
ALTER TABLE registry.membership ADD CONSTRAINT membership_basis_known CHECK (basis IN ('alone', 'evidence', 'decision'));

COMMIT;
