-- Revert ekok:surface from pg
-- Migrations make tables and, for constraints and triggers, the functions named here; every other function
-- and every view in these schemas came from sql/apply.sql and goes.

BEGIN;

SET LOCAL client_min_messages = warning;
DROP SCHEMA report CASCADE;
DO $$
DECLARE
    made regprocedure;
BEGIN
    LOOP
        SELECT p.oid INTO made FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname IN ('registry', 'etl', 'audit', 'keyring', 'access')
          AND p.proname NOT IN ('attach', 'record_change', 'refuse_change', 'known_confidence', 'check_references',
                                'check_gone', 'refuse_new_identity')
        LIMIT 1;
        EXIT WHEN NOT FOUND;
        EXECUTE format('DROP ROUTINE %s CASCADE', made);
    END LOOP;
END $$;
DROP VIEW IF EXISTS registry.beneficiary;

COMMIT;
