-- Verify ekok:rotation_left on pg

BEGIN;

SELECT id, rotation_id, rows, reason, proposed_by, proposed_at, expires_at, outcome, ended_by, ended_at FROM keyring.settlement WHERE false;

ROLLBACK;
