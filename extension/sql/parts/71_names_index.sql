
-- The index of names since 0.4.0: other keys than before, so what was made from the old ones is made anew.
CREATE FUNCTION sound_index_keys(name text) RETURNS integer[] AS 'MODULE_PATHNAME', 'sound_index_keys'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION sound_index_keys(text) IS
    'hashes that an index of gin_sound_ops holds of a name, 1 to 64 of 32 bits, for measuring its posting lists; NULL for a '
    'text without words or longer than 1024 bytes. Source: extension/core/README.md, Names that sound alike';
DO $$
DECLARE
    old regclass;
BEGIN
    FOR old IN
        SELECT DISTINCT d.objid::regclass FROM pg_depend d JOIN pg_class i ON i.oid = d.objid AND i.relkind = 'i'
        WHERE d.classid = 'pg_class'::regclass AND (d.refclassid, d.refobjid) IN (
            SELECT 'pg_opclass'::regclass, c.oid FROM pg_opclass c JOIN pg_namespace n ON n.oid = c.opcnamespace
                WHERE c.opcname = 'gin_sound_ops' AND n.nspname = '@extschema@'
            UNION ALL SELECT 'pg_proc'::regclass, p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                WHERE p.proname IN ('sound_key', 'sound_equal_key', 'bn_normalize') AND n.nspname = '@extschema@')
    LOOP
        EXECUTE format('REINDEX INDEX %s', old);
    END LOOP;
END $$;
