-- Verify ekok:audit_in_c on pg

BEGIN;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_trigger t WHERE t.tgfoid = 'audit.record_change()'::regprocedure) THEN
        RAISE 'a table is still audited by the plain function';
    ELSIF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgfoid = 'ekok.record_change()'::regprocedure) THEN
        RAISE 'no table is audited';
    END IF;
END $$;

ROLLBACK;
