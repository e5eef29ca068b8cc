-- Verify ekok:roles on pg

BEGIN;

DO $$
BEGIN
    IF (SELECT count(*) FROM pg_roles
        WHERE rolname IN ('ekok_owner', 'ekok_etl', 'ekok_operator', 'ekok_analyst', 'ekok_auditor')
          AND NOT rolcanlogin AND NOT rolsuper AND NOT rolcreaterole AND NOT rolbypassrls) <> 5 THEN
        RAISE 'a role is missing, or can log in, or has powers it must not have';
    END IF;
    IF NOT has_database_privilege('ekok_etl', current_database(), 'TEMPORARY') THEN
        RAISE 'ekok_etl may not create its staging tables';
    END IF;
    IF has_database_privilege('ekok_analyst', current_database(), 'TEMPORARY') THEN
        RAISE 'TEMPORARY is still open to everybody';
    END IF;
END $$;

ROLLBACK;
