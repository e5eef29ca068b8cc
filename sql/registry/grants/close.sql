-- close.sql - takes back everything from everybody but the owner, so that what open.sql gives is all there is.

DO $$
DECLARE
    schema_name text;
    duties text := (SELECT string_agg(quote_ident(rolname), ', ') FROM pg_roles WHERE rolname LIKE 'ekok\_%' AND rolname <> 'ekok_owner');
BEGIN
    FOREACH schema_name IN ARRAY ARRAY['registry', 'etl', 'audit', 'keyring', 'access', 'report'] LOOP
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC, %s', schema_name, duties);
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM PUBLIC, %s', schema_name, duties);
        EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA %I FROM PUBLIC, %s', schema_name, duties);
        EXECUTE format('REVOKE ALL ON ALL ROUTINES IN SCHEMA %I FROM PUBLIC, %s', schema_name, duties);
    END LOOP;
END $$;
