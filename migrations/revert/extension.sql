-- Revert ekok:extension from pg

BEGIN;

DROP EXTENSION ekok;
DROP SCHEMA ekok;

COMMIT;
