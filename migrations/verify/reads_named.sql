-- Verify ekok:reads_named on pg

BEGIN;

SELECT id, at, actor, statement, read, purpose, ids FROM audit.named WHERE false;
SELECT 1 / count(*) FROM pg_trigger WHERE tgrelid = 'audit.named'::regclass AND tgname = 'audit_insert';

ROLLBACK;
