-- Since 0.4.0: limits that hold under concurrency.
CREATE FUNCTION with_programme(evidence, programme integer) RETURNS evidence
    AS 'MODULE_PATHNAME', 'evidence_with_programme'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION with_programme(evidence, integer) IS
    'the same evidence under another programme, 0 to 4095: with 0 and with 4095 the ends of the range that ~ describes';

CREATE FUNCTION lock_evidence(keys evidence[]) RETURNS integer
    AS 'MODULE_PATHNAME', 'evidence_lock'
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION lock_evidence(evidence[]) IS
    'locks the buckets (1 of 1024 each) of these keys until the transaction or subtransaction ends, in rising order; returns how many. Advisory locks of class 1701539692; NULLs are passed over';

CREATE FUNCTION evidence_held(index regclass, keys evidence[], at_least integer) RETURNS evidence[]
    AS 'MODULE_PATHNAME', 'evidence_shared'
    LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence_held(regclass, evidence[], integer) IS
    'those of the keys that at least so many visible rows of the index''s table hold, each once, as keys of programme 0, in order. Wants what double_dips wants: a btree of evidence, SELECT on its table, no row security in the way. NULLs are passed over. Error 22023: at_least below 1';

CREATE FUNCTION at_most() RETURNS trigger
    AS 'MODULE_PATHNAME', 'at_most'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION at_most() IS
    'statement trigger (index name, limit): error 23514 when evidence that was written is held by rows of more than limit programmes in the index; made by enforce_at_most';

CREATE FUNCTION enforce_at_most(index regclass, "limit" integer) RETURNS void LANGUAGE plpgsql
    SET search_path FROM CURRENT AS $$
DECLARE
    guarded regclass := (SELECT i.indrelid FROM pg_catalog.pg_index i WHERE i.indexrelid = index);
    short name := (SELECT pg_catalog.left(c.relname, 46) FROM pg_catalog.pg_class c WHERE c.oid = index);
    told record;
BEGIN
    IF guarded IS NULL THEN
        RAISE '% is not an index', coalesce(index::text, 'NULL') USING ERRCODE = 'wrong_object_type',
            HINT = 'Name a btree index whose first column is of type evidence.';
    ELSIF ("limit" >= 0) IS NOT TRUE THEN
        RAISE 'a limit of % programmes', coalesce("limit"::text, 'NULL') USING ERRCODE = 'invalid_parameter_value',
            HINT = '0 allows none, 3 at most three.';
    END IF;
    FOR told IN SELECT * FROM (VALUES ('insert', 'NEW TABLE AS new_rows'),
                                      ('update', 'OLD TABLE AS old_rows NEW TABLE AS new_rows')) k(op, tables) LOOP
        EXECUTE pg_catalog.format('CREATE OR REPLACE TRIGGER %I AFTER %s ON %s REFERENCING %s FOR EACH STATEMENT '
                                  'EXECUTE FUNCTION %s(%L, %L)', 'at_most_' || short || '_' || told.op, told.op, guarded,
                                  told.tables, (SELECT pg_catalog.format('%I.at_most', n.nspname) FROM pg_catalog.pg_extension e
                                                JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'ekok'),
                                  (SELECT c.relname FROM pg_catalog.pg_class c WHERE c.oid = index), "limit");
        EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', guarded, 'at_most_' || short || '_' || told.op);
    END LOOP;
END $$;
COMMENT ON FUNCTION enforce_at_most(regclass, integer) IS
    'from now on no statement leaves evidence of this btree index in more than limit programmes, whatever number of sessions write; called again it sets another limit. Rows that stand are not looked at: double_dips finds them. Errors 42809 not an index, 22023 no limit';
