-- Revert ekok:rotation_left from pg

BEGIN;

DROP FUNCTION IF EXISTS keyring.propose_settlement(text), keyring.approve_settlement(bigint), keyring.end_settlement(bigint), keyring.list_left(),
    keyring.left_rows(bigint);
DROP TABLE keyring.settlement;

COMMIT;
