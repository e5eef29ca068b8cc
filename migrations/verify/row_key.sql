-- Verify ekok:row_key on pg

BEGIN;

SELECT quarantine_id, row_mac, until FROM etl.former_mac WHERE false;
SELECT rotation_id, table_name, row_id, row_mac FROM keyring.unmade_mac WHERE false;

ROLLBACK;
