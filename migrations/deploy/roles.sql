-- Deploy ekok:roles to pg
-- Promises one role for each duty, none of which can log in, is a superuser or may create roles. Login roles are made
-- by the operator and put IN ROLE one of these. Roles belong to the whole cluster: one that stands already is kept.

BEGIN;

DO $$
DECLARE
    duty record;
BEGIN
    FOR duty IN
        SELECT * FROM (VALUES
            ('ekok_owner', 'Owns every object of the registry; no person and no program logs in as this role.'),
            ('ekok_etl', 'The daemon: opens runs and merges pages by functions; reads and writes no registry table itself.'),
            ('ekok_operator', 'Schedules and watches ingestion, sweeps, reads reports and quarantine.'),
            ('ekok_analyst', 'Reads the registry without sealed values and tokens, and the reports.'),
            ('ekok_auditor', 'Reads the audit, the runs and the list of keys; changes nothing.')) d(name, what)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = duty.name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS', duty.name);
            EXECUTE format('COMMENT ON ROLE %I IS %L', duty.name, duty.what);
        END IF;
    END LOOP;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO ekok_etl, ekok_operator, ekok_analyst, ekok_auditor',
                   current_database());
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO ekok_owner, ekok_etl', current_database());
END $$;

-- A function is closed until sql/registry/grants opens it.
ALTER DEFAULT PRIVILEGES FOR ROLE ekok_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE ekok_owner REVOKE USAGE ON TYPES FROM PUBLIC;

COMMIT;
