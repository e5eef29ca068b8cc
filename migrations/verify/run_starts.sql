-- Verify ekok:run_starts on pg

BEGIN;

SELECT waits_since FROM etl.run WHERE false;

ROLLBACK;
