-- Revert ekok:drill from pg
-- The history of drills goes.

BEGIN;

SET LOCAL client_min_messages = warning;
DROP FUNCTION IF EXISTS audit.begin_drill(text, interval), audit.compare_drill(bigint), audit.end_drill(bigint, boolean, text, jsonb);
RESET client_min_messages;
DROP TABLE audit.drill_result, audit.drill_census, audit.drill;
REVOKE ALL ON ALL TABLES IN SCHEMA audit FROM ekok_drill;
REVOKE ALL ON SCHEMA audit FROM ekok_drill;
DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM ekok_drill', current_database());
    IF EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid WHERE r.rolname = 'ekok_drill') THEN
        RAISE NOTICE 'role ekok_drill stays: it has members';
        RETURN;
    END IF;
    DROP ROLE ekok_drill;
EXCEPTION WHEN dependent_objects_still_exist THEN
    RAISE NOTICE 'role ekok_drill stays: something depends on it';
END $$;

COMMIT;
