-- Revert ekok:signing_keys from pg

BEGIN;

DROP TABLE keyring.signer;
ALTER TABLE keyring.rotation DROP CONSTRAINT rotation_not_of_audit;
DELETE FROM keyring.key WHERE purpose = 'audit';

COMMIT;
