-- Revert ekok:trace_cost from pg

BEGIN;

SET LOCAL ROLE ekok_owner;
ALTER TABLE audit.tile DROP COLUMN ids, DROP COLUMN times;

COMMIT;
