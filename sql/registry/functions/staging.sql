-- staging.sql - looks at the caller's temporary tables before a function of ekok_owner reads them. Anything that could
-- make the owner run the caller's code, or read what is not there, is refused: views, policies, triggers, rules,
-- indexes, constraints, defaults, statistics, children, other columns or types.

CREATE OR REPLACE FUNCTION etl.staging_flaw(staging regclass, shape regclass) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN -- In PL/pgSQL for the sake of its plan, which is kept for the session.
    RETURN (SELECT CASE
        WHEN c.relkind <> 'r' OR c.relpersistence <> 't' OR c.relnamespace <> pg_my_temp_schema()
             OR c.relam <> (SELECT a.oid FROM pg_am a WHERE a.amname = 'heap') THEN 'is not a plain temporary table'
        WHEN c.relowner <> (SELECT r.oid FROM pg_roles r WHERE r.rolname = session_user) THEN 'belongs to another role'
        WHEN c.relrowsecurity OR c.relforcerowsecurity
             OR EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid) THEN 'has row security'
        WHEN EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid) THEN 'has a trigger'
        WHEN EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = c.oid) THEN 'has a rule'
        WHEN EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid) THEN 'has an index'
        WHEN EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid) THEN 'has a constraint'
        WHEN EXISTS (SELECT FROM pg_attrdef d WHERE d.adrelid = c.oid) THEN 'has a default or a generated column'
        WHEN EXISTS (SELECT FROM pg_statistic_ext x WHERE x.stxrelid = c.oid) THEN 'has statistics of its own'
        WHEN c.reloftype <> 0 OR c.relispartition
             OR EXISTS (SELECT FROM pg_inherits h WHERE c.oid IN (h.inhrelid, h.inhparent)) THEN 'inherits'
        WHEN (SELECT array_agg((a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attisdropped)::text
                               ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0)
             IS DISTINCT FROM
             (SELECT array_agg((a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attisdropped)::text
                               ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = shape AND a.attnum > 0)
             THEN 'has other columns' END
    FROM pg_class c WHERE c.oid = staging);
END $$;
COMMENT ON FUNCTION etl.staging_flaw(regclass, regclass) IS 'What keeps a staging table from being read by the owner; null when nothing does.';

CREATE OR REPLACE FUNCTION etl.check_staging(staging text, shape text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    given regclass := to_regclass('pg_temp.' || quote_ident(staging));
    flaw text := CASE WHEN given IS NULL THEN 'does not exist' ELSE etl.staging_flaw(given, ('etl.' || quote_ident(shape))::regclass) END;
BEGIN
    IF flaw IS NOT NULL THEN
        RAISE 'staging table "%" %', staging, flaw USING ERRCODE = 'wrong_object_type',
            HINT = format('CREATE TEMP TABLE %I (LIKE etl.%I) ON COMMIT DELETE ROWS', staging, shape);
    END IF;
END $$;
COMMENT ON FUNCTION etl.check_staging(text, text) IS 'Refuses, with error 42809, a staging table that is not exactly the plain temporary table of that shape, owned by the role that logged in.';
