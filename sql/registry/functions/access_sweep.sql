-- access_sweep.sql - what time does: scopes that are over, reviews in which nobody spoke, logins that nobody uses. Called by a
-- timer (ekok access sweep). Nothing rests on it alone: what has expired counts for nothing from that moment on.

CREATE OR REPLACE FUNCTION access.begin_review(days int DEFAULT 14) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    PERFORM access.must_hold('access officer', 'auditor');
    IF days IS NULL OR days NOT BETWEEN 1 AND 60 THEN
        RAISE 'a review lasts 1 to 60 days' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO access.review (due_at) VALUES (clock_timestamp() + make_interval(days => days)) RETURNING id INTO made;
    RETURN made;
END $$;
COMMENT ON FUNCTION access.begin_review(int) IS 'Begins a review of all standing scopes; who is not confirmed by another within so many days (1 to 60) loses it. access.sweep begins one when the last is 91 days old. Returns its number. Errors: 42501, 22023, 23505 one is open.';

CREATE OR REPLACE FUNCTION access.attest(scope_id bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    open access.review;
BEGIN
    PERFORM access.must_hold('access officer');
    SELECT r.* INTO open FROM access.review r WHERE r.closed_at IS NULL;
    IF NOT FOUND THEN
        RAISE 'no review is open' USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'access.begin_review begins one.';
    ELSIF EXISTS (SELECT FROM access.scope s WHERE s.id = scope_id AND s.login = session_user) THEN
        RAISE 'nobody confirms their own access' USING ERRCODE = 'insufficient_privilege', HINT = 'Another access officer does.';
    ELSIF NOT EXISTS (SELECT FROM access.scope s WHERE s.id = scope_id AND s.revoked_at IS NULL) THEN
        RAISE 'scope % does not stand', scope_id USING ERRCODE = 'no_data_found';
    END IF;
    INSERT INTO access.attestation (review_id, scope_id) VALUES (open.id, attest.scope_id) ON CONFLICT ON CONSTRAINT attestation_pkey DO NOTHING;
END $$;
COMMENT ON FUNCTION access.attest(bigint) IS 'Confirms in the open review that somebody else''s scope is still needed. Errors: 42501 one''s own, or no access officer; 55000 no review is open; P0002 it does not stand.';

CREATE OR REPLACE FUNCTION access.disable(login name, because text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM access.must_hold('access officer');
    IF coalesce(btrim(because), '') = '' THEN
        RAISE 'disabling has a reason' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM access.shut(login, because, session_user);
END $$;
COMMENT ON FUNCTION access.disable(name, text) IS 'An access officer ends an account: its scopes, its memberships, its logins. Errors: 42501, 22023 no reason, P0002 no such account.';

CREATE OR REPLACE FUNCTION access.shut(login name, because text, by name) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE access.account a SET disabled_at = clock_timestamp(), disabled_because = because WHERE a.login = shut.login AND a.disabled_at IS NULL;
    IF NOT FOUND THEN
        RAISE 'there is no account "%" in use', login USING ERRCODE = 'no_data_found';
    END IF;
    PERFORM access.end_scope(s.id, because, shut.by) FROM access.scope s WHERE s.login = shut.login AND s.revoked_at IS NULL;
    PERFORM access.fit_roles(shut.login);
    PERFORM access.close_login(shut.login);
END $$;
COMMENT ON FUNCTION access.shut(name, text, name) IS 'Disables an account with all that hangs on it. Error P0002: no such account in use.';

CREATE OR REPLACE FUNCTION access.sweep(OUT expired int, OUT silent int, OUT dormant int, OUT fitted int, OUT logins bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    r access.review;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('ekok access sweep', 0));
    logins := access.collect_logins();
    PERFORM ekok.apart('named', '{}');
    SELECT count(*) FILTER (WHERE access.end_scope(s.id, 'its time was over', 'ekok_owner')) INTO expired
    FROM access.scope s WHERE s.revoked_at IS NULL AND s.expires_at <= clock_timestamp();

    silent := 0;
    FOR r IN SELECT k.* FROM access.review k WHERE k.closed_at IS NULL AND k.due_at <= clock_timestamp() LOOP
        SELECT count(*) FILTER (WHERE access.end_scope(s.id, format('nobody confirmed it in review %s', r.id), 'ekok_owner')) INTO silent
        FROM access.scope s WHERE s.revoked_at IS NULL AND s.granted_at <= r.begun_at AND s.duty <> 'break glass'
          AND NOT EXISTS (SELECT FROM access.attestation t WHERE t.review_id = r.id AND t.scope_id = s.id);
        UPDATE access.review k SET closed_at = clock_timestamp(), revoked = silent WHERE k.id = r.id;
    END LOOP;
    -- The first one three months after the first scope was given.
    IF NOT EXISTS (SELECT FROM access.review k WHERE k.closed_at IS NULL)
       AND coalesce((SELECT max(k.begun_at) FROM access.review k), (SELECT min(s.granted_at) FROM access.scope s)) < now() - interval '91 days' THEN
        INSERT INTO access.review (begun_by, due_at) VALUES ('ekok_owner', clock_timestamp() + interval '14 days');
    END IF;

    SELECT count(access.shut(a.login, 'nobody used it for 90 days', 'ekok_owner')::text) INTO dormant
    FROM access.account a WHERE a.disabled_at IS NULL AND a.kind = 'person' AND coalesce(a.last_seen, a.made_at) < now() - interval '90 days';
    SELECT count(*) INTO fitted FROM access.account a WHERE access.fit_roles(a.login) > 0;
END $$;
COMMENT ON FUNCTION access.sweep() IS 'What time does to access: collects logins, and whom statements read, from the server''s memory; ends scopes that are over and, when a review is due, those that nobody confirmed; begins a review 91 days after the last; disables logins of persons unused for 90 days; puts memberships right that were changed by hand. Returns how many of each.';
