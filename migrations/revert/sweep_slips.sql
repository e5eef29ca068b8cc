-- Revert ekok:sweep_slips from pg

BEGIN;

SET LOCAL ROLE ekok_owner;

UPDATE registry.sweep_run SET state = 'abandoned', ended_at = clock_timestamp() WHERE state = 'running';
ALTER TABLE sweep.scored DROP COLUMN twins;
ALTER TABLE registry.match DROP COLUMN twins;

COMMIT;
