-- ext_upgrade.sql - a database upgraded from 0.1.0 or 0.2.0 has the same objects, definitions and comments as a fresh one;
-- what it held under 0.1.0 is still there and is found by its indexes.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL search_path = public, pg_catalog;
SELECT plan(14);

-- Every object of the extension: what it is, how it is defined without oids, its comment.
CREATE FUNCTION pg_temp.definition(class oid, object oid) RETURNS text LANGUAGE sql AS $$
    SELECT CASE class
    WHEN 'pg_proc'::regclass THEN (SELECT CASE prokind
        WHEN 'f' THEN pg_get_functiondef(p.oid) || prosupport::regproc || procost || ' ' || prorows
        ELSE (SELECT concat_ws(' ', aggtransfn, aggcombinefn, aggfinalfn, aggsortop::regoperator, aggtranstype::regtype,
            agginitval, proparallel, provolatile) FROM pg_aggregate WHERE aggfnoid = p.oid) END
        || coalesce(proacl::text, '') FROM pg_proc p WHERE p.oid = object)
    WHEN 'pg_type'::regclass THEN (SELECT concat_ws(' ', typlen, typbyval, typtype, typcategory, typdelim, typinput, typoutput,
        typreceive, typsend, typmodin, typmodout, typanalyze, typalign, typstorage, typcollation, typelem::regtype,
        typarray::regtype, typdefault, typacl::text) FROM pg_type WHERE oid = object)
    WHEN 'pg_operator'::regclass THEN (SELECT concat_ws(' ', oprcanmerge, oprcanhash, oprresult::regtype, oprcom::regoperator,
        oprnegate::regoperator, oprcode, oprrest, oprjoin) FROM pg_operator WHERE oid = object)
    WHEN 'pg_cast'::regclass THEN (SELECT concat_ws(' ', castfunc::regprocedure, castcontext, castmethod) FROM pg_cast
        WHERE oid = object)
    WHEN 'pg_opclass'::regclass THEN (SELECT concat_ws(' ', opcdefault, opcintype::regtype, opckeytype::regtype) FROM pg_opclass
        WHERE oid = object)
    WHEN 'pg_opfamily'::regclass THEN (SELECT string_agg(entry, E'\n' ORDER BY entry) FROM (
        SELECT concat_ws(' ', amopstrategy, amoppurpose, amopopr::regoperator) FROM pg_amop WHERE amopfamily = object
        UNION ALL SELECT concat_ws(' ', amprocnum, amproc::regprocedure) FROM pg_amproc WHERE amprocfamily = object) e(entry))
    WHEN 'pg_class'::regclass THEN (SELECT concat_ws(' ', relkind, pg_get_viewdef(oid), relacl, reloptions) FROM pg_class
        WHERE oid = object)
    ELSE 'a class of objects that this test does not know' END
$$;
CREATE FUNCTION pg_temp.catalog() RETURNS TABLE (object text, definition text, needs text, comment text) LANGUAGE sql AS $$
    SELECT pg_describe_object(classid, objid, 0), pg_temp.definition(classid, objid),
        (SELECT string_agg(line, E'\n' ORDER BY line) FROM (SELECT DISTINCT
            concat(n.deptype, ' ', pg_describe_object(n.refclassid, n.refobjid, n.refobjsubid)) FROM pg_depend n
            WHERE n.classid = d.classid AND n.objid = d.objid) l(line)),
        obj_description(objid, classid::regclass::text)
    FROM pg_depend d WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass
        AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'ekok')
$$;

DROP EXTENSION ekok CASCADE;
CREATE EXTENSION ekok SCHEMA ekok;
CREATE TEMP TABLE fresh ON COMMIT DROP AS SELECT * FROM pg_temp.catalog();
DROP EXTENSION ekok;
CREATE EXTENSION ekok SCHEMA ekok VERSION '0.2.0';
SELECT hasnt_function('ekok', 'sound_key', '0.2.0 knew no names');
ALTER EXTENSION ekok UPDATE;
SELECT is(extversion, '0.4.0', '0.2.0 is updated') FROM pg_extension WHERE extname = 'ekok';
CREATE TEMP TABLE upgraded_once ON COMMIT DROP AS SELECT * FROM pg_temp.catalog();
SELECT is_empty('TABLE fresh EXCEPT TABLE upgraded_once', 'nothing of a fresh install is missing or other after 0.2.0');
SELECT is_empty('TABLE upgraded_once EXCEPT TABLE fresh', 'nothing of 0.2.0 is left over');
DROP EXTENSION ekok;
CREATE EXTENSION ekok SCHEMA ekok VERSION '0.1.0';
SELECT is(extversion, '0.1.0', 'the old version can still be made') FROM pg_extension WHERE extname = 'ekok';
CREATE TEMP TABLE card (n ekok.nid PRIMARY KEY, e ekok.evidence) ON COMMIT DROP;
INSERT INTO card SELECT c::ekok.nid, ekok.evidence(c::ekok.nid, 7)
    FROM (SELECT '0' || lpad(i::text, 9, '0') FROM generate_series(1, 2000) i) s(c);
CREATE INDEX card_e ON card (e);
SELECT is(ekok.nid_in('7000712344')::text, '7000712344', 'its functions work as they were declared');
ALTER EXTENSION ekok UPDATE;
SELECT is(extversion, '0.4.0', 'and be updated') FROM pg_extension WHERE extname = 'ekok';
CREATE TEMP TABLE upgraded ON COMMIT DROP AS SELECT * FROM pg_temp.catalog();

SELECT cmp_ok((SELECT count(*) FROM fresh), '>', 300::bigint, 'something is compared');
SELECT is_empty($$SELECT * FROM fresh WHERE definition IS NULL AND object NOT LIKE 'cast%' OR definition LIKE 'a class of%'$$,
    'every definition is known');
SELECT is_empty('TABLE fresh EXCEPT TABLE upgraded', 'nothing of a fresh install is missing or other');
SELECT is_empty('TABLE upgraded EXCEPT TABLE fresh', 'nothing of 0.1.0 is left over');

SET LOCAL search_path = ekok, public, pg_catalog;
SET LOCAL enable_seqscan = off;
SELECT is((SELECT count(*) FROM card WHERE n BETWEEN '0000000100' AND '0000000200'), 101::bigint, 'old rows are found by index');
SELECT is((SELECT e FROM card WHERE e = ekok.evidence('0000000100'::ekok.nid, 7)), ekok.evidence('nid', '10:0000000100', 7),
    'old evidence too');
SELECT throws_ok($$ALTER TABLE card ALTER n TYPE ekok.nid(strict)$$, '22P02', NULL, 'old columns may take the modifier');

SELECT * FROM finish();
ROLLBACK;
