-- access_scope.sql - what the login of this session may see, as policies ask it: once a statement, never once a row. The login is
-- session_user, which no setting can forge. What is expired or revoked counts for nothing from that moment on, whether or not
-- access.sweep has been by. Functions that run as the owner, and so are not bound by policies, filter by access.covers.

-- The scopes that count now: in force, of an account that is not disabled, of a duty that reads persons, and with a one-time code
-- shown where the duty wants one.
-- access.held lists also what waits for a code.
CREATE OR REPLACE VIEW access.held WITH (security_invoker = true) AS
SELECT s.ministry, s.geo, NOT d.step_up OR access.stepped_up() AS counts, s.expires_at AS ends
FROM access.scope s JOIN access.duty d ON d.code = s.duty JOIN access.account a ON a.login = s.login
WHERE s.login = session_user AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp() AND d.scoped
  AND a.disabled_at IS NULL AND a.first_until IS NULL;
COMMENT ON VIEW access.held IS 'Scopes of this session''s login that are not over; for the functions below.';
COMMENT ON COLUMN access.held.ministry IS 'As access.scope.ministry.';
COMMENT ON COLUMN access.held.geo IS 'As access.scope.geo.';
COMMENT ON COLUMN access.held.counts IS 'Whether it is in force now: a one-time code was shown, or its duty wants none.';
COMMENT ON COLUMN access.held.ends IS 'As access.scope.expires_at.';

CREATE OR REPLACE VIEW access.in_force WITH (security_invoker = true) AS SELECT h.ministry, h.geo FROM access.held h WHERE h.counts;
COMMENT ON VIEW access.in_force IS 'Scopes of this session''s login that are in force at this moment; for the functions below.';
COMMENT ON COLUMN access.in_force.ministry IS 'As access.scope.ministry.';
COMMENT ON COLUMN access.in_force.geo IS 'As access.scope.geo.';

-- Read by ekok.sees, once for many statements: any table that this comes to read needs the trigger ekok.tell_scopes, and its
-- name in scope.c.
CREATE OR REPLACE FUNCTION access.list_held() RETURNS TABLE (programme text, geo text, everything boolean, counts boolean, ends timestamptz)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT p.code, h.geo, num_nulls(h.ministry, h.geo) = 2, h.counts, h.ends
        FROM access.held h LEFT JOIN registry.programme p ON h.ministry IS NULL OR p.ministry = h.ministry;
END $$;
COMMENT ON FUNCTION access.list_held() IS 'Programmes of this session''s login''s scopes that are not over, each with the place that narrows it; programme null: its ministry has none. everything: the scope is every row. counts, ends: as access.held.';

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

CREATE OR REPLACE FUNCTION access.sources() RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT s.code FROM etl.source s
                 WHERE EXISTS (SELECT FROM access.in_force g WHERE g.geo IS NULL AND (g.ministry IS NULL OR g.ministry = s.ministry)));
END $$;
COMMENT ON FUNCTION access.sources() IS 'Sources of which this session''s login may see every record, also those that name no programme or place yet.';


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
