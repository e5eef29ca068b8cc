-- access_grant.sql - asking for access, two approvals by others, and what follows: memberships given and taken to fit the scopes
-- that stand. Who approves is told by access.scope, never by membership, so that a superuser approves nothing.

-- Whether this session's login holds a duty now, with its one-time code shown where the duty wants one.
CREATE OR REPLACE FUNCTION access.holds(duty text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM access.scope s JOIN access.duty d ON d.code = s.duty JOIN access.account a ON a.login = s.login
                   WHERE s.login = session_user AND s.duty = holds.duty AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
                     AND a.disabled_at IS NULL AND a.first_until IS NULL AND (NOT d.step_up OR access.stepped_up()));
$$;
COMMENT ON FUNCTION access.holds(text) IS 'Whether this session''s login holds a duty of access.duty at this moment; where the duty wants a one-time code, whether one was shown.';

CREATE OR REPLACE FUNCTION access.must_hold(VARIADIC duties text[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM unnest(duties) d WHERE access.holds(d)) THEN
        RAISE 'this needs the duty %', array_to_string(duties, ' or ') USING ERRCODE = 'insufficient_privilege',
            HINT = 'access.mine lists your duties; some want access.step_up with a one-time code first.';
    END IF;
END $$;
COMMENT ON FUNCTION access.must_hold(text[]) IS 'Nothing, or error 42501 when this session''s login holds none of the duties now.';

-- For whatever takes two persons.
CREATE OR REPLACE FUNCTION access.same_person(a name, b name) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT a = b OR EXISTS (SELECT FROM access.account x JOIN access.account y ON lower(btrim(x.holder)) = lower(btrim(y.holder))
                            WHERE x.login = a AND y.login = b);
$$;
COMMENT ON FUNCTION access.same_person(name, name) IS 'Whether two logins are one, or were registered for one holder, at whatever time.';

-- Of a proposal that was looked for: proposed_by is null when none waits.
CREATE OR REPLACE FUNCTION access.must_approve(proposal bigint, proposed_by name, expires_at timestamptz, stands_in text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF proposed_by IS NULL THEN
        RAISE 'no proposal % waits', proposal USING ERRCODE = 'no_data_found', HINT = format('They stand in %s.', stands_in);
    ELSIF access.same_person(proposed_by, session_user) THEN
        RAISE 'nobody approves their own proposal' USING ERRCODE = 'insufficient_privilege', HINT = 'Another operator does, who is another person.';
    ELSIF expires_at < clock_timestamp() THEN
        RAISE 'proposal % has expired', proposal USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'It can be proposed again.';
    END IF;
END $$;
COMMENT ON FUNCTION access.must_approve(bigint, name, timestamptz, text) IS 'Nothing, when the session user may approve a proposal that waits; stands_in: the table of such proposals. Errors: P0002 none waits, 42501 one''s own, under whatever login, 55000 expired.';

-- Memberships follow scopes: one role a duty, one for the shape of all scopes together. What was granted by hand goes too.
CREATE OR REPLACE FUNCTION access.fit_roles(login name) RETURNS int LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wanted name[];
    change record;
    changed int := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = fit_roles.login) THEN
        RETURN 0;
    END IF;
    WITH standing AS (
        SELECT s.ministry, s.geo, d.role, d.scoped FROM access.scope s JOIN access.duty d ON d.code = s.duty
        JOIN access.account a ON a.login = s.login
        WHERE s.login = fit_roles.login AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp() AND a.disabled_at IS NULL)
    SELECT array_agg(r) INTO wanted FROM (
        SELECT role AS r FROM standing
        UNION SELECT CASE WHEN bool_or(ministry IS NULL AND geo IS NULL) THEN 'ekok_scope_all' WHEN bool_or(geo IS NULL) THEN 'ekok_scope_ministry'
                          ELSE 'ekok_scope_place' END FROM standing WHERE scoped HAVING count(*) > 0
        UNION SELECT 'ekok_account' FROM access.account a WHERE a.login = fit_roles.login AND a.disabled_at IS NULL) w(r);
    FOR change IN
        SELECT m.rolname AS role, m.rolname = ANY (wanted) AS give
        FROM pg_roles m JOIN pg_roles l ON l.rolname = fit_roles.login
        WHERE m.rolname IN (SELECT d.role FROM access.duty d UNION SELECT unnest(ARRAY['ekok_account', 'ekok_scope_all', 'ekok_scope_ministry', 'ekok_scope_place']))
          AND coalesce(m.rolname = ANY (wanted), false) <> EXISTS (SELECT FROM pg_auth_members x WHERE x.roleid = m.oid AND x.member = l.oid)
        ORDER BY 1
    LOOP
        EXECUTE format(CASE WHEN change.give THEN 'GRANT %I TO %I' ELSE 'REVOKE %I FROM %I' END, change.role, fit_roles.login);
        changed := changed + 1;
    END LOOP;
    RETURN changed;
END $$;
COMMENT ON FUNCTION access.fit_roles(name) IS 'Gives and takes the roles of a registered login so that they fit its standing scopes; returns how many changed.';

CREATE OR REPLACE FUNCTION access.request(duty text, purpose text, expires_at timestamptz, ministry text DEFAULT NULL, geo text DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d access.duty;
    made bigint;
BEGIN
    SELECT k.* INTO d FROM access.duty k WHERE k.code = request.duty;
    IF NOT FOUND THEN
        RAISE 'there is no duty "%"', duty USING ERRCODE = 'no_data_found',
            HINT = 'Duties: ' || (SELECT string_agg(k.code, ', ' ORDER BY k.code) FROM access.duty k) || '.';
    ELSIF NOT EXISTS (SELECT FROM access.account a WHERE a.login = session_user AND a.disabled_at IS NULL) THEN
        RAISE 'login "%" is not registered, or disabled', session_user USING ERRCODE = 'insufficient_privilege',
            HINT = 'An access officer registers it: access.register.';
    ELSIF NOT d.scoped AND num_nonnulls(ministry, geo) > 0 THEN
        RAISE 'the duty "%" has no ministry or place', duty USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave both out.';
    ELSIF request.expires_at > now() + greatest(d.longest, interval '1 day') THEN
        RAISE 'the duty "%" is given for at most %', duty, d.longest USING ERRCODE = 'invalid_parameter_value';
    ELSIF d.code = 'break glass' AND EXISTS (SELECT FROM access.glass g WHERE g.reviewed_at IS NULL) THEN
        RAISE 'a breaking of the glass waits for its review' USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'An auditor writes it: access.review_glass. Until then none is broken.';
    END IF;
    INSERT INTO access.grant_request (requester, role, ministry, geo, purpose, expires_at)
    VALUES (session_user, request.duty, request.ministry, request.geo, request.purpose, request.expires_at) RETURNING id INTO made;
    RETURN made;
END $$;
COMMENT ON FUNCTION access.request(text, text, timestamptz, text, text) IS 'Asks for a duty, within a ministry and a place (null: all), for a purpose, until a moment at most the duty''s longest time ahead; for break glass, until when it may be approved. Returns the request''s number. Errors: P0002 no such duty, 42501 not registered, 22023 too long or a scope that the duty has not, 23514 no purpose, 23503 no such ministry or place, 55000 an unreviewed breaking.';

CREATE OR REPLACE FUNCTION access.open_grant(r access.grant_request) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    two name[] := ARRAY(SELECT a.approver FROM access.approval a WHERE a.request_id = r.id AND a.decision = 'approved' ORDER BY a.at, a.approver LIMIT 2);
    opened bigint;
    made bigint;
BEGIN
    IF r.role = 'break glass' AND EXISTS (SELECT FROM access.glass g WHERE g.reviewed_at IS NULL) THEN
        RAISE 'a breaking of the glass waits for its review' USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'An auditor writes it: access.review_glass.';
    ELSIF r.role = 'keeper' AND (SELECT count(DISTINCT s.login) FROM access.scope s WHERE s.duty = 'keeper' AND s.revoked_at IS NULL
                                 AND s.expires_at > clock_timestamp() AND s.login <> r.requester) >= 3 THEN
        RAISE 'there are three keepers' USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Revoke the duty of one first.';
    END IF;
    INSERT INTO access.session (request_id, first_approver, second_approver) VALUES (r.id, two[1], two[2]) RETURNING id INTO opened;
    INSERT INTO access.scope (login, duty, ministry, geo, purpose, session_id, expires_at)
    VALUES (r.requester, r.role, r.ministry, r.geo, r.purpose, opened,
            CASE WHEN r.role = 'break glass' THEN clock_timestamp() + (SELECT d.longest FROM access.duty d WHERE d.code = r.role) ELSE r.expires_at END)
    RETURNING id INTO made;
    IF r.role = 'break glass' THEN
        INSERT INTO access.glass (scope_id) VALUES (made);
    END IF;
    PERFORM access.fit_roles(r.requester);
END $$;
COMMENT ON FUNCTION access.open_grant(access.grant_request) IS 'Puts a request in force that two others approved.';

CREATE OR REPLACE FUNCTION access.decide(request_id bigint, decision text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    r access.grant_request;
BEGIN
    -- Who comes second waits here for the first, and then sees the first one's approval.
    SELECT k.* INTO r FROM access.grant_request k WHERE k.id = decide.request_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE 'there is no request %', request_id USING ERRCODE = 'no_data_found', HINT = 'access.requests lists them.';
    END IF;
    PERFORM access.must_hold(CASE WHEN r.role = 'break glass' THEN 'keeper' ELSE 'access officer' END);
    IF r.requester = session_user THEN
        RAISE 'nobody decides about their own request' USING ERRCODE = 'insufficient_privilege', HINT = 'Two others do.';
    ELSIF r.withdrawn_at IS NOT NULL OR r.expires_at <= clock_timestamp() OR EXISTS (SELECT FROM access.session s WHERE s.request_id = r.id)
          OR EXISTS (SELECT FROM access.approval a WHERE a.request_id = r.id AND a.decision = 'refused') THEN
        RAISE 'request % is not open', request_id USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'It was granted, refused or withdrawn, or its time is over.';
    ELSIF EXISTS (SELECT FROM access.approval a WHERE a.request_id = r.id AND a.approver = session_user) THEN
        RAISE 'you have decided about request % already', request_id USING ERRCODE = 'insufficient_privilege', HINT = 'Another one does.';
    END IF;
    INSERT INTO access.approval (request_id, requester, approver, decision) VALUES (r.id, r.requester, session_user, decide.decision);
    IF decision = 'refused' THEN
        RETURN 'refused';
    ELSIF (SELECT count(*) FROM access.approval a WHERE a.request_id = r.id AND a.decision = 'approved') < 2 THEN
        RETURN 'waits for another';
    END IF;
    PERFORM access.open_grant(r);
    RETURN 'granted';
END $$;
COMMENT ON FUNCTION access.decide(bigint, text) IS 'What access.approve and access.refuse do.';

CREATE OR REPLACE FUNCTION access.approve(request_id bigint) RETURNS text LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$ SELECT access.decide(request_id, 'approved'); $$;
COMMENT ON FUNCTION access.approve(bigint) IS 'Approves a request: an access officer, for break glass a keeper, who is not the requester and has not approved it before. The second approval puts it in force. Returns "waits for another" or "granted". Errors: P0002 no such request, 42501 not one''s to approve, 55000 not open.';
CREATE OR REPLACE FUNCTION access.refuse(request_id bigint) RETURNS text LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$ SELECT access.decide(request_id, 'refused'); $$;
COMMENT ON FUNCTION access.refuse(bigint) IS 'Refuses a request for good; who may approve it may. Errors as access.approve.';

-- One scope ends. Called by people and by time.
CREATE OR REPLACE FUNCTION access.end_scope(scope_id bigint, because text, by name) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ended access.scope;
BEGIN
    UPDATE access.scope s SET revoked_at = clock_timestamp(), revoked_by = end_scope.by, revoked_because = because
    WHERE s.id = scope_id AND s.revoked_at IS NULL RETURNING s.* INTO ended;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE access.session s SET closed_at = greatest(clock_timestamp(), s.opened_at) WHERE s.id = ended.session_id AND s.closed_at IS NULL;
    PERFORM access.fit_roles(ended.login);
    RETURN true;
END $$;
COMMENT ON FUNCTION access.end_scope(bigint, text, name) IS 'Ends a scope and what hangs on it; false when it was ended before.';

CREATE OR REPLACE FUNCTION access.revoke(scope_id bigint, because text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM access.scope s WHERE s.id = scope_id AND s.login = session_user) THEN
        PERFORM access.must_hold('access officer');
    END IF;
    IF coalesce(btrim(because), '') = '' THEN
        RAISE 'revoking has a reason' USING ERRCODE = 'invalid_parameter_value';
    ELSIF NOT access.end_scope(scope_id, because, session_user) THEN
        RAISE 'scope % does not stand', scope_id USING ERRCODE = 'no_data_found', HINT = 'access.standing_scopes lists them.';
    END IF;
END $$;
COMMENT ON FUNCTION access.revoke(bigint, text) IS 'Ends a scope now, for a reason: an access officer any, everybody their own. Running sessions see nothing under it from their next statement on. Errors: 42501, P0002 it does not stand, 22023 no reason.';

CREATE OR REPLACE FUNCTION access.withdraw(request_id bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE access.grant_request r SET withdrawn_at = clock_timestamp()
    WHERE r.id = request_id AND r.requester = session_user AND r.withdrawn_at IS NULL
      AND NOT EXISTS (SELECT FROM access.session s WHERE s.request_id = r.id);
    IF NOT FOUND THEN
        RAISE 'you have no open request %', request_id USING ERRCODE = 'no_data_found';
    END IF;
END $$;
COMMENT ON FUNCTION access.withdraw(bigint) IS 'Takes back one''s own request that is not granted yet. Error P0002: there is none.';

-- The first officers, when there is nobody to approve: for who installs the registry, and granted to nobody.
CREATE OR REPLACE FUNCTION access.install(login name, holder text, because text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT count(DISTINCT s.login) FROM access.scope s JOIN access.account a ON a.login = s.login AND a.disabled_at IS NULL
        WHERE s.duty = 'access officer' AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()) >= 3 THEN
        RAISE 'there are three access officers' USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'They approve the others: access.request.';
    ELSIF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = install.login AND r.rolcanlogin) THEN
        RAISE 'there is no login "%"', login USING ERRCODE = 'undefined_object', HINT = 'access.register makes one.';
    END IF;
    INSERT INTO access.account (login, holder, kind) VALUES (install.login, install.holder, 'person') ON CONFLICT ON CONSTRAINT account_pkey DO NOTHING;
    INSERT INTO access.scope (login, duty, purpose, expires_at) VALUES (install.login, 'access officer', because, now() + interval '92 days');
    PERFORM access.fit_roles(login);
END $$;
COMMENT ON FUNCTION access.install(name, text, text) IS 'Makes a login one of the first three access officers, for 92 days; only by who installs the registry. Errors: 55000 there are three, 42704 no such login.';
