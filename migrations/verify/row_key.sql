-- Verify ekok:row_key on pg

BEGIN;

SELECT quarantine_id, row_mac, until FROM etl.former_mac WHERE false;

ROLLBACK;
