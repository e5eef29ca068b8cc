-- Revert ekok:rotation_lean from pg
-- sql/apply.sql of the version before brings what took its place.

BEGIN;

DROP FUNCTION IF EXISTS keyring.put_rows(bigint, text, tid[], xid[], bytea[]);
REVOKE EXECUTE ON FUNCTION ekok.reseal(regclass, name[], tid[], xid[], bytea[]) FROM ekok_owner;

COMMIT;
