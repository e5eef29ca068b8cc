-- Verify ekok:signing_keys on pg

BEGIN;

SELECT version, purpose, fingerprint, public_key, follows, handover, first_size, trusted_size, revocation FROM keyring.signer WHERE false;
SELECT 1 / count(*) FROM pg_constraint WHERE conname = 'rotation_not_of_audit';

ROLLBACK;
