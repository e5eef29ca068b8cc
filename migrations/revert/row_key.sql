-- Revert ekok:row_key from pg
-- sql/apply.sql of the version before makes audit.readings and keyring.turn_staged as they were.

BEGIN;

DROP FUNCTION IF EXISTS etl.stage_macs(bigint, int[], bytea, bytea), etl.map_macs(bigint, int[], bytea, bytea);
DROP TABLE etl.former_mac, keyring.unmade_mac;

COMMIT;
