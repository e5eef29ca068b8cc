-- Revert ekok:run_faults from pg
-- Enrolments that are absent lose that status: they become inactive, and the next pull says what they are.

BEGIN;

DROP FUNCTION IF EXISTS etl.open_run(text, bytea, text, jsonb), etl.close_run(bigint, text, text, int);
DROP TABLE etl.release, etl.listed, etl.generation, etl.breaker, etl.lease;
UPDATE etl.run SET state = 'failed' WHERE state = 'held';
ALTER TABLE etl.run DROP COLUMN fence, DROP COLUMN terms, DROP COLUMN generation, DROP COLUMN vanished,
    DROP CONSTRAINT run_state_known,
    ADD CONSTRAINT run_state_known CHECK (state IN ('running', 'finished', 'stopped', 'failed', 'aborted'));
UPDATE registry.enrolment SET status = 'inactive' WHERE status = 'absent';
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE registry.enrolment DROP CONSTRAINT enrolment_status_known,
    ADD CONSTRAINT enrolment_status_known CHECK (status IN ('active', 'inactive', 'suspended', 'waiting'));

COMMIT;
