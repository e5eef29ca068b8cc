-- person_blocking.sql - the sounding keys of enrolments, beside the evidence and swept in the same way. They follow from
-- registry.enrolment alone, so they can be made anew at any time, as after a change of the name code.

CREATE OR REPLACE FUNCTION registry.blocking_of(ids uuid[]) RETURNS TABLE (enrolment_id uuid, key ekok.evidence, kind smallint)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.id, k.key, c.number
    FROM unnest(ids) AS u(id)
    JOIN registry.enrolment e ON e.id = u.id
    JOIN registry.programme p ON p.code = e.programme
    CROSS JOIN LATERAL ekok.blocking_keys(registry.person_of(e), p.number) AS k
    JOIN registry.evidence_kind c ON c.code = k.kind AND c.class = 'sound';
$$;
COMMENT ON FUNCTION registry.blocking_of(uuid[]) IS 'The sounding keys of enrolments, of the kinds that registry.evidence_kind has.';

CREATE OR REPLACE FUNCTION registry.make_blocking(ids uuid[]) RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    DELETE FROM registry.blocking k USING unnest(ids) AS u(id) WHERE k.enrolment_id = u.id;
    INSERT INTO registry.blocking (enrolment_id, key, kind) SELECT n.enrolment_id, n.key, n.kind FROM registry.blocking_of(ids) n;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END $$;
COMMENT ON FUNCTION registry.make_blocking(uuid[]) IS 'Makes the sounding keys of enrolments anew; returns how many there are.';

CREATE OR REPLACE FUNCTION registry.rebuild_blocking() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    PERFORM registry.enter_decision();
    TRUNCATE registry.blocking;
    INSERT INTO registry.pending (enrolment_id) SELECT e.id FROM registry.enrolment e ON CONFLICT DO NOTHING;
    SELECT count(*) INTO made FROM registry.pending;
    RETURN made;
END $$;
COMMENT ON FUNCTION registry.rebuild_blocking() IS 'Throws all sounding keys away, as after a change of the name code, and puts every enrolment before the next sweep, which makes them anew; returns how many enrolments that are.';
