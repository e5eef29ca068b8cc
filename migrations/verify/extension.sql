-- Verify ekok:extension on pg

BEGIN;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace
                   WHERE x.extname = 'ekok' AND n.nspname = 'ekok') THEN
        RAISE 'extension ekok is not in schema ekok';
    END IF;
END $$;
SELECT 'ekok.evidence'::regtype, 'ekok.double_dips(regclass, int)'::regprocedure;

ROLLBACK;
