-- Revert ekok:keyring from pg

BEGIN;

DROP TABLE keyring.key;
DROP SCHEMA keyring;

COMMIT;
