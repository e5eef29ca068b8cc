-- access.sql - what stands in schema access, as people and reports read it. Shows what the reader may see (security_invoker) or, of
-- one's own, what a function gives.

CREATE OR REPLACE FUNCTION access.state_of(r access.grant_request) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM access.session s WHERE s.request_id = r.id) THEN 'granted'
                WHEN EXISTS (SELECT FROM access.approval a WHERE a.request_id = r.id AND a.decision = 'refused') THEN 'refused'
                WHEN r.withdrawn_at IS NOT NULL THEN 'withdrawn' WHEN r.expires_at <= clock_timestamp() THEN 'lapsed'
                ELSE 'waits for ' || 2 - (SELECT count(*) FROM access.approval a WHERE a.request_id = r.id) END;
$$;
COMMENT ON FUNCTION access.state_of(access.grant_request) IS 'granted, refused, withdrawn, lapsed, or waits for how many more approvals.';

CREATE OR REPLACE FUNCTION access.list_mine() RETURNS TABLE (what text, id bigint, duty text, ministry text, geo text, purpose text,
    expires_at timestamptz, state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT 'scope', s.id, s.duty, s.ministry, s.geo, s.purpose, s.expires_at,
           CASE WHEN s.revoked_at IS NOT NULL THEN 'revoked: ' || s.revoked_because WHEN s.expires_at <= clock_timestamp() THEN 'expired'
                WHEN d.step_up AND NOT access.stepped_up() THEN 'wants a one-time code' ELSE 'in force' END
    FROM access.scope s JOIN access.duty d ON d.code = s.duty WHERE s.login = session_user
    UNION ALL
    SELECT 'request', r.id, r.role, r.ministry, r.geo, r.purpose, r.expires_at, q.state
    FROM access.grant_request r CROSS JOIN LATERAL access.state_of(r) AS q(state) WHERE r.requester = session_user AND q.state <> 'granted'
    ORDER BY 1, 2;
$$;
COMMENT ON FUNCTION access.list_mine() IS 'Rows of access.mine.';

CREATE OR REPLACE VIEW access.mine WITH (security_invoker = true) AS SELECT * FROM access.list_mine();
COMMENT ON VIEW access.mine IS 'What this session''s login may do and see, and what it asked for.';
COMMENT ON COLUMN access.mine.what IS 'scope or request.';
COMMENT ON COLUMN access.mine.id IS 'Its number.';
COMMENT ON COLUMN access.mine.duty IS 'As access.duty.code.';
COMMENT ON COLUMN access.mine.ministry IS 'As access.scope.ministry.';
COMMENT ON COLUMN access.mine.geo IS 'As access.scope.geo.';
COMMENT ON COLUMN access.mine.purpose IS 'As access.scope.purpose.';
COMMENT ON COLUMN access.mine.expires_at IS 'When it ends by itself.';
COMMENT ON COLUMN access.mine.state IS 'in force, wants a one-time code, expired, revoked and why; of a request, how far it is.';

CREATE OR REPLACE FUNCTION access.list_requests() RETURNS TABLE (id bigint, requester name, holder text, duty text, ministry text, geo text,
    purpose text, requested_at timestamptz, expires_at timestamptz, approved_by name[], state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.id, r.requester, a.holder, r.role, r.ministry, r.geo, r.purpose, r.requested_at, r.expires_at,
           ARRAY(SELECT p.approver FROM access.approval p WHERE p.request_id = r.id AND p.decision = 'approved' ORDER BY p.at), access.state_of(r)
    FROM access.grant_request r LEFT JOIN access.account a ON a.login = r.requester ORDER BY r.id;
$$;
COMMENT ON FUNCTION access.list_requests() IS 'Rows of access.requests.';
CREATE OR REPLACE VIEW access.requests WITH (security_invoker = true) AS SELECT * FROM access.list_requests();
COMMENT ON VIEW access.requests IS 'Who asked for what, and how far it is.';
COMMENT ON COLUMN access.requests.id IS 'As access.grant_request.id.';
COMMENT ON COLUMN access.requests.requester IS 'Who asks.';
COMMENT ON COLUMN access.requests.holder IS 'Whose login that is.';
COMMENT ON COLUMN access.requests.duty IS 'As access.duty.code.';
COMMENT ON COLUMN access.requests.ministry IS 'As access.scope.ministry.';
COMMENT ON COLUMN access.requests.geo IS 'As access.scope.geo.';
COMMENT ON COLUMN access.requests.purpose IS 'Why.';
COMMENT ON COLUMN access.requests.requested_at IS 'When.';
COMMENT ON COLUMN access.requests.expires_at IS 'Until when it is wanted.';
COMMENT ON COLUMN access.requests.approved_by IS 'Who approved it so far.';
COMMENT ON COLUMN access.requests.state IS 'granted, refused, withdrawn, lapsed, or waits for how many more.';

CREATE OR REPLACE FUNCTION access.list_scopes() RETURNS TABLE (id bigint, login name, holder text, duty text, ministry text, geo text,
    purpose text, expires_at timestamptz, approved_by name[], last_seen timestamptz, review text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.id, s.login, a.holder, s.duty, s.ministry, s.geo, s.purpose, s.expires_at,
           CASE WHEN e.id IS NULL THEN ARRAY[s.granted_by] ELSE ARRAY[e.first_approver, e.second_approver] END, a.last_seen,
           CASE WHEN r.id IS NULL OR s.granted_at > r.begun_at THEN 'none due'
                ELSE coalesce('confirmed by ' || t.login, 'wanted until ' || to_char(r.due_at, 'YYYY-MM-DD')) END
    FROM access.scope s JOIN access.account a ON a.login = s.login LEFT JOIN access.session e ON e.id = s.session_id
    LEFT JOIN access.review r ON r.closed_at IS NULL LEFT JOIN access.attestation t ON t.review_id = r.id AND t.scope_id = s.id
    WHERE s.revoked_at IS NULL AND s.expires_at > clock_timestamp() ORDER BY s.login, s.id;
$$;
COMMENT ON FUNCTION access.list_scopes() IS 'Rows of access.standing_scopes.';
CREATE OR REPLACE VIEW access.standing_scopes WITH (security_invoker = true) AS SELECT * FROM access.list_scopes();
COMMENT ON VIEW access.standing_scopes IS 'Every scope in force: whose, who approved it, when it ends, and whether the open review has confirmed it.';
COMMENT ON COLUMN access.standing_scopes.id IS 'As access.scope.id.';
COMMENT ON COLUMN access.standing_scopes.login IS 'Login.';
COMMENT ON COLUMN access.standing_scopes.holder IS 'Whose it is.';
COMMENT ON COLUMN access.standing_scopes.duty IS 'As access.duty.code.';
COMMENT ON COLUMN access.standing_scopes.ministry IS 'As access.scope.ministry.';
COMMENT ON COLUMN access.standing_scopes.geo IS 'As access.scope.geo.';
COMMENT ON COLUMN access.standing_scopes.purpose IS 'Why.';
COMMENT ON COLUMN access.standing_scopes.expires_at IS 'When it ends.';
COMMENT ON COLUMN access.standing_scopes.approved_by IS 'The two who approved it, or who installed it.';
COMMENT ON COLUMN access.standing_scopes.last_seen IS 'Last recorded login of the holder; null: none.';
COMMENT ON COLUMN access.standing_scopes.review IS 'none due; wanted until a day; confirmed by whom.';

-- One person, one login: what does not fit.
CREATE OR REPLACE FUNCTION access.list_shared_use() RETURNS TABLE (login name, at timestamptz, before text, after text, minutes int)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT x.login, x.at, x.before, x.after, ceil(extract(epoch FROM x.at - x.earlier) / 60)::int FROM (
        SELECT l.login, l.at, lag(l.at) OVER w AS earlier, lag(p.place) OVER w AS before, p.place AS after
        FROM access.login l LEFT JOIN access.account a ON a.login = l.login
        CROSS JOIN LATERAL (SELECT concat_ws(' with certificate ', coalesce(l.address, 'the local socket'), l.certificate)) p(place)
        WHERE a.kind IS DISTINCT FROM 'program' AND l.at > now() - interval '92 days'
        WINDOW w AS (PARTITION BY l.login ORDER BY l.at, l.id)) x
    WHERE x.before <> x.after AND x.at - x.earlier <= interval '10 minutes';
$$;
COMMENT ON FUNCTION access.list_shared_use() IS 'Logins of one account, not a program''s, from two addresses or with two certificates within ten minutes, of the last 92 days.';

CREATE OR REPLACE FUNCTION access.list_irregular() RETURNS TABLE (what text, login name, detail text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT 'orphan', r.rolname, 'a login that is registered as nobody''s' FROM pg_roles r
    WHERE r.rolcanlogin AND NOT r.rolsuper AND NOT EXISTS (SELECT FROM access.account a WHERE a.login = r.rolname)
    UNION ALL SELECT 'without login', a.login, 'an account whose role is gone or shut' FROM access.account a
    WHERE a.disabled_at IS NULL AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = a.login AND r.rolcanlogin)
    UNION ALL SELECT 'not shut', a.login, 'disabled, and its role can log in' FROM access.account a JOIN pg_roles r ON r.rolname = a.login AND r.rolcanlogin
    WHERE a.disabled_at IS NOT NULL
    UNION ALL SELECT 'by hand', m.rolname, 'member of ' || d.rolname || ' without a scope of that duty' FROM pg_auth_members x
    JOIN pg_roles d ON d.oid = x.roleid JOIN pg_roles m ON m.oid = x.member AND m.rolcanlogin JOIN access.duty k ON k.role = d.rolname
    WHERE NOT EXISTS (SELECT FROM access.scope s WHERE s.login = m.rolname AND s.duty = k.code AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp())
    UNION ALL SELECT 'dormant', a.login, 'not seen since ' || to_char(coalesce(a.last_seen, a.made_at), 'YYYY-MM-DD') FROM access.account a
    WHERE a.disabled_at IS NULL AND coalesce(a.last_seen, a.made_at) < now() - interval '60 days'
    UNION ALL SELECT 'first password', a.login, 'not changed yet; it ends ' || to_char(a.first_until, 'YYYY-MM-DD HH24:MI') FROM access.account a
    WHERE a.disabled_at IS NULL AND a.first_until IS NOT NULL
    UNION ALL SELECT 'second factor', f.login, CASE WHEN f.sealed IS NULL THEN 'its secret is in the clear: no code is right until ekok access seal'
        ELSE 'its secret was readable once: it is to be reset' END FROM access.factor f JOIN access.account a ON a.login = f.login
    WHERE f.exposed AND a.disabled_at IS NULL
    UNION ALL SELECT 'shared', u.login, format('%s: from %s, then %s within %s minutes', to_char(u.at, 'YYYY-MM-DD HH24:MI'), u.before, u.after, u.minutes)
    FROM access.list_shared_use() u
    ORDER BY 1, 2, 3;
$$;
COMMENT ON FUNCTION access.list_irregular() IS 'Rows of access.irregular.';
CREATE OR REPLACE VIEW access.irregular WITH (security_invoker = true) AS SELECT * FROM access.list_irregular();
COMMENT ON VIEW access.irregular IS 'Logins that are nobody''s, that nobody uses, that several use, whose memberships were given by hand, whose first password stands, or whose second factor was readable once.';
COMMENT ON COLUMN access.irregular.what IS 'orphan, without login, not shut, by hand, dormant, first password, second factor or shared.';
COMMENT ON COLUMN access.irregular.login IS 'The login.';
COMMENT ON COLUMN access.irregular.detail IS 'In words.';

-- Who is not bound by row-level security. docs/access.md says of each why; a test compares the two.
CREATE OR REPLACE FUNCTION access.list_bypasses() RETURNS TABLE (kind text, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.kind, r.rolname::text FROM pg_roles r CROSS JOIN LATERAL (VALUES ('superuser', r.rolsuper), ('bypassrls', r.rolbypassrls AND NOT r.rolsuper),
        ('createrole', r.rolcreaterole AND NOT r.rolsuper), ('replication', r.rolreplication AND NOT r.rolsuper)) a(kind, has) WHERE a.has
    UNION ALL SELECT 'member of ' || g.rolname, m.rolname FROM pg_auth_members x JOIN pg_roles g ON g.oid = x.roleid JOIN pg_roles m ON m.oid = x.member
    WHERE g.rolname IN ('ekok_owner', 'ekok_etl', 'pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
    UNION ALL SELECT DISTINCT 'owner of tables', pg_get_userbyid(c.relowner)::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('registry', 'etl', 'audit', 'keyring', 'access', 'sweep') AND c.relkind IN ('r', 'p')
    UNION ALL SELECT 'function', p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname IN ('registry', 'etl', 'report', 'audit') AND p.prosecdef AND p.proretset
      AND p.prosrc !~ '(access\.(covers|sees|sees_person|must_see|standing)|registry\.(payment_check|must_see_subject))\M'
      AND EXISTS (SELECT FROM unnest(ARRAY['ekok_analyst', 'ekok_operator', 'ekok_auditor', 'ekok_api_client']) d WHERE has_function_privilege(d, p.oid, 'EXECUTE'))
    ORDER BY 1, 2;
$$;
COMMENT ON FUNCTION access.list_bypasses() IS 'Rows of access.bypass.';
CREATE OR REPLACE VIEW access.bypass WITH (security_invoker = true) AS SELECT * FROM access.list_bypasses();
COMMENT ON VIEW access.bypass IS 'Roles that row-level security does not bind, and functions that return rows as the owner without asking for the caller''s scope.';
COMMENT ON COLUMN access.bypass.kind IS 'superuser, bypassrls, createrole, replication, owner of tables, function, or member of a role of power.';
COMMENT ON COLUMN access.bypass.name IS 'The role or function.';

CREATE OR REPLACE VIEW access.glasses WITH (security_invoker = true) AS
SELECT g.scope_id, s.login, s.purpose, s.granted_at AS opened_at, least(s.expires_at, s.revoked_at) AS closes_at,
       (SELECT count(*) FROM audit.reading r WHERE r.actor = s.login AND r.at BETWEEN s.granted_at AND s.expires_at
          AND r.purpose LIKE 'break glass ' || s.id || ':%') AS rows_read, g.reviewed_by, g.reviewed_at, g.finding
FROM access.glass g JOIN access.scope s ON s.id = g.scope_id;
COMMENT ON VIEW access.glasses IS 'Breakings of the glass, and what was read.';
COMMENT ON COLUMN access.glasses.scope_id IS 'Its number, for access.review_glass.';
COMMENT ON COLUMN access.glasses.login IS 'Who.';
COMMENT ON COLUMN access.glasses.purpose IS 'Why.';
COMMENT ON COLUMN access.glasses.opened_at IS 'When the second keeper approved.';
COMMENT ON COLUMN access.glasses.closes_at IS 'When it ended or ends.';
COMMENT ON COLUMN access.glasses.rows_read IS 'Enrolments read; each stands in audit.reading.';
COMMENT ON COLUMN access.glasses.reviewed_by IS 'As access.glass.reviewed_by.';
COMMENT ON COLUMN access.glasses.reviewed_at IS 'As access.glass.reviewed_at.';
COMMENT ON COLUMN access.glasses.finding IS 'As access.glass.finding.';
