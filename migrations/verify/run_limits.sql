-- Verify ekok:run_limits on pg

BEGIN;

SELECT source, day, requests, next_at, grants FROM etl.allowance WHERE false;
SELECT waits_for, held_for, drift FROM etl.run WHERE false;
SELECT 1 / (to_regclass('etl.run_held') IS NOT NULL)::int, 1 / (to_regclass('etl.verification_batch_ended') IS NOT NULL)::int;

ROLLBACK;
