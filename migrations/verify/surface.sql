-- Verify ekok:surface on pg

BEGIN;

SELECT 'report'::regnamespace;

ROLLBACK;
