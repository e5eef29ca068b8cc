-- Revert ekok:roles from pg
-- Gives the database back to PUBLIC. A role goes only when no other role is a member of it and nothing in this or
-- another database of the cluster depends on it; otherwise it stays, with a notice.

BEGIN;

ALTER DEFAULT PRIVILEGES FOR ROLE ekok_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE ekok_owner GRANT USAGE ON TYPES TO PUBLIC;

DO $$
DECLARE
    duty text;
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM ekok_owner, ekok_etl, ekok_operator, ekok_analyst, ekok_auditor',
                   current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO PUBLIC', current_database());
    FOREACH duty IN ARRAY ARRAY['ekok_etl', 'ekok_operator', 'ekok_analyst', 'ekok_auditor', 'ekok_owner'] LOOP
        IF EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid WHERE r.rolname = duty) THEN
            RAISE NOTICE 'role % stays: it has members', duty;
            CONTINUE;
        END IF;
        BEGIN
            EXECUTE format('DROP ROLE %I', duty);
        EXCEPTION WHEN dependent_objects_still_exist THEN
            RAISE NOTICE 'role % stays: something depends on it', duty;
        END;
    END LOOP;
END $$;

COMMIT;
