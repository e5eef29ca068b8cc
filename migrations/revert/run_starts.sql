-- Revert ekok:run_starts from pg

BEGIN;

ALTER TABLE etl.run DROP COLUMN waits_since;

COMMIT;
