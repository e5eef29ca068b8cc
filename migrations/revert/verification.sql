-- Revert ekok:verification from pg

BEGIN;

DROP TABLE registry.verification;

COMMIT;
