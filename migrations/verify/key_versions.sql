-- Verify ekok:key_versions on pg

BEGIN;

SELECT changed_at FROM keyring.key WHERE false;
SELECT id, purpose, to_version, state, started_at, started_by, finished_at, receipt FROM keyring.rotation WHERE false;
SELECT rotation_id, table_name, pass, next_block, blocks, values_done, passed_over, done, changed_at FROM keyring.progress WHERE false;
SELECT 1 / count(*) FROM pg_constraint WHERE conname = 'entry_op_known' AND pg_get_constraintdef(oid) LIKE '%REKEY%';
SELECT kind, old, new FROM keyring.turned WHERE false;

ROLLBACK;
