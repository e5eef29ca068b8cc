-- Verify ekok:keyring on pg

BEGIN;

SELECT purpose, version, state, commitment, registered_at FROM keyring.key WHERE false;

ROLLBACK;
