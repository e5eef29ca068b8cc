-- Verify ekok:trace_cost on pg

BEGIN;

SELECT ids, times FROM audit.tile WHERE false;
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'audit.tile'::regclass AND tgname = 'insert_only' AND tgenabled = 'A') THEN
        RAISE 'audit.tile can be changed';
    END IF;
END $$;

ROLLBACK;
