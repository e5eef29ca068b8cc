-- ekok 0.1.0 to 0.2.0: what changed in objects that were there. All parts of sql/parts that are new follow it.
\echo Use "ALTER EXTENSION ekok UPDATE TO '0.2.0'" to load this file. \quit

-- nid's input takes a type modifier now. ALTER TYPE can't exchange an input function, so the function itself gets
-- its new arguments; type, columns and indexes keep referring to it.
UPDATE pg_catalog.pg_proc SET pronargs = 3,
    proargtypes = pg_catalog.array_to_string(ARRAY['pg_catalog.cstring'::pg_catalog.regtype::pg_catalog.oid,
        'pg_catalog.oid'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype], ' ')::pg_catalog.oidvector
    WHERE oid = '@extschema@.nid_in(pg_catalog.cstring)'::pg_catalog.regprocedure;
UPDATE pg_catalog.pg_proc SET pronargs = 3,
    proargtypes = pg_catalog.array_to_string(ARRAY['pg_catalog.internal'::pg_catalog.regtype::pg_catalog.oid,
        'pg_catalog.oid'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype], ' ')::pg_catalog.oidvector
    WHERE oid = '@extschema@.nid_recv(pg_catalog.internal)'::pg_catalog.regprocedure;

COMMENT ON CAST (text AS nid) IS 'reads the text form, on assignment too';
COMMENT ON CAST (nid AS text) IS 'the canonical text form';
COMMENT ON FUNCTION mask(nid) IS 'the text form with all digits but the last four hidden';

