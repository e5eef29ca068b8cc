-- close.sql - takes back everything, so that what open.sql gives is all there is.

DO $$
DECLARE
    schema_name text;
BEGIN
    FOREACH schema_name IN ARRAY ARRAY['registry', 'etl', 'audit', 'keyring', 'access', 'report'] LOOP
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC, ekok_etl, ekok_operator, ekok_analyst, ekok_auditor, ekok_sealer', schema_name);
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM PUBLIC, ekok_etl, ekok_operator, ekok_analyst, ekok_auditor, ekok_sealer', schema_name);
        EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA %I FROM PUBLIC, ekok_etl, ekok_operator, ekok_analyst, ekok_auditor, ekok_sealer', schema_name);
        EXECUTE format('REVOKE ALL ON ALL ROUTINES IN SCHEMA %I FROM PUBLIC, ekok_etl, ekok_operator, ekok_analyst, ekok_auditor, ekok_sealer', schema_name);
    END LOOP;
END $$;
