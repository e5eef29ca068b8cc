-- Verify ekok:passwords on pg

BEGIN;

SELECT first_until, password_at FROM access.account WHERE false;
SELECT login, secret, made_at, last_step, tries, locked_until FROM access.factor WHERE false;
SELECT id, login, verifier, at FROM access.password WHERE false;
SELECT id, at, actor, shown, tables, purpose FROM audit.export WHERE false;
SELECT 1 / (count(*) = 2)::int FROM pg_class WHERE oid IN ('audit.reading_by_row'::regclass, 'audit.reading_by_actor'::regclass);

ROLLBACK;
