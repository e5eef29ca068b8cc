-- access_scope.sql - what the login of this session may see, as policies ask it: once a statement, never once a row. The login is
-- session_user, which no setting can forge. What is expired or revoked counts for nothing from that moment on, whether or not
-- access.sweep has been by. Functions that run as the owner, and so are not bound by policies, filter by access.covers.

-- The scopes that count now: in force, of an account that is not disabled, of a duty that reads persons, and with a one-time code
-- shown where the duty wants one.
CREATE OR REPLACE VIEW access.in_force WITH (security_invoker = true) AS
SELECT s.ministry, s.geo FROM access.scope s JOIN access.duty d ON d.code = s.duty JOIN access.account a ON a.login = s.login
WHERE s.login = session_user AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp() AND d.scoped
  AND a.disabled_at IS NULL AND a.first_until IS NULL AND (NOT d.step_up OR access.stepped_up());
COMMENT ON VIEW access.in_force IS 'Scopes of this session''s login that are in force at this moment; for the functions below.';
COMMENT ON COLUMN access.in_force.ministry IS 'As access.scope.ministry.';
COMMENT ON COLUMN access.in_force.geo IS 'As access.scope.geo.';

-- Whole ministries or everything as "programme:", places as "programme:code", all of it as "*". Never null: no scope, no cell.
CREATE OR REPLACE FUNCTION access.cells() RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF access.sees_all() THEN
        RETURN ARRAY['*'];
    END IF;
    RETURN ARRAY(SELECT DISTINCT p.code || ':' || coalesce(s.geo, '')
                 FROM access.in_force s JOIN registry.programme p ON s.ministry IS NULL OR p.ministry = s.ministry);
END $$;
COMMENT ON FUNCTION access.cells() IS 'What this session''s login may see: "*" everything; "PROGRAMME:" a programme, wherever; "PROGRAMME:CODE" a programme within a place. Empty: nothing. The daemon and superusers see everything.';

CREATE OR REPLACE FUNCTION access.covers(cells text[], programme text, geo text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    ARRAY['*', programme || ':', programme || ':' || left(geo, 2), programme || ':' || left(geo, 4), programme || ':' || left(geo, 6),
          programme || ':' || left(geo, 8)] && cells;
COMMENT ON FUNCTION access.covers(text[], text, text) IS 'Whether an enrolment in this programme and place lies within cells as access.cells makes them. Without a place only whole programmes cover it.';

CREATE OR REPLACE FUNCTION access.sees_all() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN pg_has_role(session_user, 'ekok_etl', 'MEMBER') OR EXISTS (SELECT FROM access.in_force s WHERE s.ministry IS NULL AND s.geo IS NULL);
END $$;
COMMENT ON FUNCTION access.sees_all() IS 'Whether this session''s login may see every row.';

CREATE OR REPLACE FUNCTION access.programmes() RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT p.code FROM registry.programme p
                 WHERE EXISTS (SELECT FROM access.in_force s WHERE s.ministry IS NULL OR s.ministry = p.ministry));
END $$;
COMMENT ON FUNCTION access.programmes() IS 'Programmes that this session''s login may see in some place.';

CREATE OR REPLACE FUNCTION access.sources() RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT s.code FROM etl.source s
                 WHERE EXISTS (SELECT FROM access.in_force g WHERE g.geo IS NULL AND (g.ministry IS NULL OR g.ministry = s.ministry)));
END $$;
COMMENT ON FUNCTION access.sources() IS 'Sources of which this session''s login may see every record, also those that name no programme or place yet.';

-- Bounds of all places of the scopes; a colon sorts behind every digit. Null where no scope names a place: no row lies between.
CREATE OR REPLACE FUNCTION access.place_low() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT min(s.geo) FROM access.in_force s);
END $$;
COMMENT ON FUNCTION access.place_low() IS 'Least code of a place that this session''s login may see.';

CREATE OR REPLACE FUNCTION access.place_high() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT max(s.geo || ':') FROM access.in_force s);
END $$;
COMMENT ON FUNCTION access.place_high() IS 'What every code of a place that this session''s login may see lies below.';

CREATE OR REPLACE FUNCTION access.whole_ministries() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(bool_and(s.geo IS NULL), false) FROM access.in_force s);
END $$;
COMMENT ON FUNCTION access.whole_ministries() IS 'Whether no scope of this session''s login is narrowed to a place, so that the programme alone decides.';

CREATE OR REPLACE FUNCTION access.one_place() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT count(DISTINCT s.geo) = 1 AND count(s.geo) = count(*) FROM access.in_force s);
END $$;
COMMENT ON FUNCTION access.one_place() IS 'Whether all scopes of this session''s login name the same place, so that programme and bounds decide.';

-- For functions that act as the owner on enrolments a caller names.
CREATE OR REPLACE FUNCTION access.sees(enrolments uuid[]) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    cells text[] := access.cells();
BEGIN
    RETURN '*' = ANY (cells) OR NOT EXISTS (SELECT FROM registry.enrolment e WHERE e.id = ANY (enrolments)
        AND access.covers(cells, e.programme, e.geo) IS NOT TRUE);
END $$;
COMMENT ON FUNCTION access.sees(uuid[]) IS 'Whether all of these enrolments that exist are in the scope of this session''s login.';

CREATE OR REPLACE FUNCTION access.sees_person(person_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    cells text[] := access.cells();
BEGIN
    RETURN '*' = ANY (cells) OR EXISTS (SELECT FROM registry.membership m JOIN registry.enrolment e ON e.id = m.enrolment_id
        WHERE m.person_id = sees_person.person_id AND access.covers(cells, e.programme, e.geo));
END $$;
COMMENT ON FUNCTION access.sees_person(uuid) IS 'Whether a person has an enrolment in the scope of this session''s login.';

CREATE OR REPLACE FUNCTION access.must_see(enrolments uuid[], person_id uuid DEFAULT NULL) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT access.sees(enrolments) OR (person_id IS NOT NULL AND NOT access.sees_person(person_id)) THEN
        RAISE 'no such enrolment or person in your scope' USING ERRCODE = 'no_data_found',
            HINT = 'access.mine lists what you may see; access.request asks for more.';
    END IF;
END $$;
COMMENT ON FUNCTION access.must_see(uuid[], uuid) IS 'Nothing, or error P0002 when an enrolment or the person is not in the caller''s scope.';
