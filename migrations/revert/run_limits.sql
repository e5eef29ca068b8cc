-- Revert ekok:run_limits from pg
-- Runs held for drift become failed ones, as they were before.

BEGIN;

SET LOCAL client_min_messages = warning;

DROP FUNCTION IF EXISTS etl.open_run(text, bytea, text, jsonb), etl.lock_run(bigint), etl.lock_allowance(text),
    etl.take_request(text, int, int, bigint), etl.take_grant(text, int), etl.hold_run(bigint, text, text[]),
    etl.pause_run(bigint, text, text), etl.list_schedule(), etl.tick();
DROP VIEW IF EXISTS report.ingestion;
DROP FUNCTION IF EXISTS report.list_ingestion();
DROP TABLE etl.allowance;
UPDATE etl.run SET state = 'failed' WHERE state = 'held' AND held_for = 'drift';
DROP INDEX etl.run_held, etl.verification_batch_ended;
ALTER TABLE etl.run DROP COLUMN waits_for, DROP COLUMN held_for, DROP COLUMN drift;

COMMIT;
