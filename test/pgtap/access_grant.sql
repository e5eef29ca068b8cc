-- access_grant.sql - access is asked for, approved by two others, ends by itself or by silence; the glass is broken by two of
-- three, for an hour, and not again before a review. Codes are tested with real logins: test/tap/23_access.t.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
\ir helper/error.psql
\ir helper/access.psql
SELECT plan(74);

UPDATE access.duty SET step_up = false;
SELECT pg_temp.let(o, 'access officer') FROM unnest(ARRAY['g_o1', 'g_o2', 'g_o3']) o \g /dev/null
SELECT pg_temp.let(o, 'keeper') FROM unnest(ARRAY['g_k1', 'g_k2', 'g_k3']) o \g /dev/null
SELECT pg_temp.let('g_auditor', 'auditor'), pg_temp.let('g_auditor2', 'auditor') \g /dev/null
CREATE ROLE g_rina LOGIN;
CREATE ROLE g_stranger LOGIN IN ROLE ekok_access_officer, ekok_account;
INSERT INTO access.account (login, holder, kind) VALUES ('g_rina', 'Rina, service 17', 'person');
SELECT access.fit_roles('g_rina') \g /dev/null
SELECT ministry AS social FROM registry.programme WHERE code = 'OAA' \gset

CREATE FUNCTION pg_temp.roles_of(login name) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(replace(g.rolname, 'ekok_', ''), ' ' ORDER BY g.rolname COLLATE "C") FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles l ON l.oid = m.member
    WHERE l.rolname = login $$;
-- Asks as somebody; the request's number, or what is wrong.
CREATE FUNCTION pg_temp.ask(login name, VARIADIC told text[]) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.as_login(login, format('SELECT access.request(%s)', array_to_string(told, ', '))) $$;
CREATE FUNCTION pg_temp.decided(login name, request text, word text DEFAULT 'approve') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.as_login(login, format('SELECT access.%s(%s)', word, request)) $$;

-- Asking.
SELECT is(pg_temp.roles_of('g_rina'), 'account', 'who is registered may ask, and nothing more');
SELECT is(pg_temp.ask('g_rina', '''queen''', '''x''', 'now() + interval ''1 day'''), 'P0002', 'for a duty that exists');
SELECT is(pg_temp.ask('g_rina', '''analyst''', ''' ''', 'now() + interval ''1 day'''), '23514', 'for a purpose');
SELECT is(pg_temp.ask('g_rina', '''analyst''', '''x''', 'now() + interval ''400 days'''), '22023', 'not for ever');
SELECT is(pg_temp.ask('g_rina', '''analyst''', '''x''', 'now() - interval ''1 day'''), '23514', 'not for the past');
SELECT is(pg_temp.ask('g_rina', '''analyst''', '''x''', 'now() + interval ''1 day''', '''nowhere'''), '23503', 'in a ministry that exists');
SELECT is(pg_temp.ask('g_rina', '''auditor''', '''x''', 'now() + interval ''1 day''', '''' || :'social' || ''''), '22023', 'a scope only where the duty has one');
SELECT is(pg_temp.ask('g_stranger', '''analyst''', '''x''', 'now() + interval ''1 day'''), '42501', 'nobody who is not registered');
SELECT pg_temp.ask('g_rina', '''analyst''', '''allowances of Barisal''', 'now() + interval ''30 days''', '''' || :'social' || '''', '''10''')::text AS asked \gset
SELECT matches(:'asked'::text, '^[0-9]+$', 'a request has a number');

-- Two others.
SELECT is(pg_temp.decided('g_rina', :'asked'), '42501', 'who asks cannot call it');
SELECT is(pg_temp.decided('g_stranger', :'asked'), '42501', 'membership by hand approves nothing');
SELECT throws_ok(format('SELECT access.approve(%s)', :'asked'), '42501', NULL, 'nor does a superuser');
SELECT is(pg_temp.decided('g_k1', :'asked'), '42501', 'nor a keeper');
SELECT is(pg_temp.decided('g_o1', :'asked'), 'waits for another', 'one officer is not enough');
SELECT is(pg_temp.roles_of('g_rina'), 'account', 'nothing is given yet');
SELECT is(pg_temp.decided('g_o1', :'asked'), '42501', 'the same one does not count twice');
SELECT is(pg_temp.decided('g_o2', :'asked'), 'granted', 'another one puts it in force');
SELECT is(pg_temp.roles_of('g_rina'), 'account analyst scope_place', 'the roles follow');
SELECT is((SELECT count(*) FROM access.session s JOIN access.scope c ON c.session_id = s.id WHERE s.first_approver = 'g_o1' AND s.second_approver = 'g_o2' AND c.login = 'g_rina'), 1::bigint, 'with both names');
SELECT is(pg_temp.decided('g_o3', :'asked'), '55000', 'a third finds it granted');
SELECT is(pg_temp.as_login('g_rina', 'SELECT state FROM access.mine'), 'in force', 'who asked sees it');
SELECT throws_ok($$INSERT INTO access.approval (request_id, requester, approver, decision) SELECT id, requester, requester, 'approved' FROM access.grant_request$$, '23514', NULL, 'no row says that one approved one''s own');
SELECT pg_temp.ask('g_o1', '''auditor''', '''a second duty''', 'now() + interval ''1 day''')::text AS own \gset
SELECT is(pg_temp.decided('g_o1', :'own'), '42501', 'an officer does not approve their own');
SELECT is(pg_temp.decided('g_o2', :'own', 'refuse'), 'refused', 'one refusal is enough');
SELECT is(pg_temp.decided('g_o3', :'own'), '55000', 'and final');
SELECT pg_temp.ask('g_rina', '''operator''', '''x''', 'now() + interval ''1 day''')::text AS back \gset
SELECT is(pg_temp.as_login('g_o1', format('SELECT access.withdraw(%s)', :'back')), 'P0002', 'only one''s own request is withdrawn');
SELECT is(pg_temp.as_login('g_rina', format('SELECT access.withdraw(%s)', :'back')), '', 'it is');
SELECT is(pg_temp.decided('g_o2', :'back'), '55000', 'and not approved after');
SELECT is(pg_temp.decided('g_o2', '999999999'), 'P0002', 'nor one that nobody made');
SELECT isnt_empty($$ SELECT FROM audit.entry WHERE table_name = 'access.scope' AND op = 'INSERT' AND actor = 'g_o2' $$, 'a grant stands in the trace, with who put it in force');

-- Revoking, by others and oneself; what was given by hand.
SELECT id AS scope FROM access.scope WHERE login = 'g_rina' \gset
SELECT is(pg_temp.as_login('g_k1', format('SELECT access.revoke(%s, ''x'')', :'scope')), '42501', 'not everybody revokes');
SELECT is(pg_temp.as_login('g_o3', format('SELECT access.revoke(%s, '' '')', :'scope')), '22023', 'revoking has a reason');
SELECT is(pg_temp.as_login('g_o3', format('SELECT access.revoke(%s, ''moved'')', :'scope')), '', 'an officer does');
SELECT is(pg_temp.roles_of('g_rina'), 'account', 'the roles go');
SELECT is(pg_temp.as_login('g_o3', format('SELECT access.revoke(%s, ''moved'')', :'scope')), 'P0002', 'once');
SELECT is((SELECT closed_at IS NOT NULL FROM access.session WHERE id = (SELECT session_id FROM access.scope WHERE id = :scope)), true, 'its session is closed');
GRANT ekok_operator TO g_rina;
SELECT is(pg_temp.as_login('g_o1', $$SELECT what FROM access.irregular WHERE login = 'g_rina'$$), 'by hand', 'a grant by hand is reported');
SELECT is((access.sweep()).fitted >= 1, true, 'and swept');
SELECT is(pg_temp.roles_of('g_rina'), 'account', 'away');

-- Time.
SELECT pg_temp.let('g_short', 'analyst', NULL, NULL, '0.1 s') AS short \gset
SELECT pg_sleep(0.2) \g /dev/null
SELECT is(pg_temp.as_login('g_short', 'SELECT record_id FROM registry.enrolment'), '', 'what is over shows nothing, before any sweep');
SELECT is((access.sweep()).expired >= 1, true, 'a sweep ends it');
SELECT is(pg_temp.roles_of('g_short'), 'account', 'with its roles');
SELECT is((SELECT revoked_by || ': ' || revoked_because FROM access.scope WHERE id = :short), 'ekok_owner: its time was over', 'and says why');
SELECT is((access.sweep()).expired, 0, 'a second sweep finds nothing');

-- A review: silence revokes.
SELECT pg_temp.let('g_kept', 'analyst') AS kept, pg_temp.let('g_silent', 'analyst') AS silent \gset
SELECT is(pg_temp.as_login('g_o1', format('SELECT access.attest(%s)', :'kept')), '55000', 'nothing is confirmed while no review is open');
SELECT is(pg_temp.as_login('g_rina', 'SELECT access.begin_review(14)'), '42501', 'not everybody begins one');
SELECT matches(pg_temp.as_login('g_auditor', 'SELECT access.begin_review(14)'), '^[0-9]+$', 'an auditor does');
SELECT is(pg_temp.as_login('g_o1', 'SELECT access.begin_review(14)'), '23505', 'one at a time');
SELECT is(pg_temp.as_login('g_o1', format('SELECT access.attest(%s)', :'kept')), '', 'an officer confirms');
SELECT id AS own FROM access.scope WHERE login = 'g_o1' AND duty = 'access officer' \gset
SELECT is(pg_temp.as_login('g_o1', format('SELECT access.attest(%s)', :'own')), '42501', 'not one''s own');
SELECT is((access.sweep()).silent, 0, 'before the day nothing happens');
UPDATE access.review SET begun_at = begun_at - interval '20 days', due_at = clock_timestamp() - interval '1 day' WHERE closed_at IS NULL;
UPDATE access.scope SET granted_at = granted_at - interval '30 days' WHERE login IN ('g_kept', 'g_silent');
SELECT is((access.sweep()).silent, 1, 'after it, what nobody confirmed goes; what was granted later stays');
SELECT is(pg_temp.roles_of('g_silent'), 'account', 'silence took it');
SELECT is(pg_temp.roles_of('g_kept'), 'account analyst scope_all', 'a word kept it');
UPDATE access.review SET begun_at = begun_at - interval '100 days';
SELECT lives_ok('SELECT access.sweep()', 'after 91 days');
SELECT is((SELECT count(*) FROM access.review WHERE closed_at IS NULL AND begun_by = 'ekok_owner'), 1::bigint, 'the next one begins by itself');
UPDATE access.review SET closed_at = clock_timestamp(), revoked = 0 WHERE closed_at IS NULL;

-- Dormant and orphan.
INSERT INTO access.account (login, holder, kind, made_at) VALUES ('g_gone', 'Nobody', 'person', now() - interval '70 days');
SELECT is(pg_temp.as_login('g_o1', $$SELECT what FROM access.irregular WHERE login = 'g_gone'$$), 'dormant without login', 'an account that is not used, without a role');
SELECT is(pg_temp.as_login('g_o1', $$SELECT what FROM access.irregular WHERE login = 'g_stranger'$$), 'by hand orphan', 'a login that is nobody''s');
SELECT pg_temp.let('g_dormant', 'analyst') \g /dev/null
UPDATE access.account SET made_at = now() - interval '91 days' WHERE login = 'g_dormant';
SELECT is((access.sweep()).dormant, 1, 'unused for 90 days');
SELECT is((SELECT rolcanlogin FROM pg_roles WHERE rolname = 'g_dormant'), false, 'it is shut');
SELECT is((SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = 'g_dormant'), 0::bigint, 'and has nothing left');
INSERT INTO access.login (login, at, address, certificate, pid) VALUES ('g_kept', now() - interval '20 min', '10.0.0.1', '/CN=kept', 1),
    ('g_kept', now() - interval '15 min', '10.0.0.1', '/CN=kept', 2), ('g_kept', now() - interval '9 min', '10.0.0.2', '/CN=kept', 3), ('g_k1', now() - interval '59 min', NULL, '/CN=a', 4),
    ('g_k1', now() - interval '58 min', NULL, '/CN=b', 5), ('g_k2', now() - interval '59 min', '10.0.0.1', NULL, 6), ('g_k2', now() - interval '20 min', '10.0.0.2', NULL, 7);
SELECT is(pg_temp.as_login('g_o1', $$SELECT login || ' ' || substr(detail, 19) FROM access.irregular WHERE what = 'shared'$$),
    'g_k1 from the local socket with certificate /CN=a, then the local socket with certificate /CN=b within 1 minutes g_kept from 10.0.0.1 with certificate /CN=kept, then 10.0.0.2 with certificate /CN=kept within 6 minutes', 'two places or certificates within minutes: shared');

-- Break-glass.
SELECT pg_temp.ask('g_rina', '''break glass''', '''cyclone: who lived here''', 'now() + interval ''2 hours''')::text AS glass \gset
SELECT is(pg_temp.decided('g_o1', :'glass'), '42501', 'no officer breaks the glass');
SELECT is(pg_temp.decided('g_k1', :'glass'), 'waits for another', 'one keeper does not');
SELECT is(pg_temp.decided('g_k3', :'glass'), 'granted', 'two of three do');
SELECT is((SELECT expires_at - granted_at <= interval '1 hour 1 second' FROM access.scope WHERE login = 'g_rina' AND duty = 'break glass'), true, 'for one hour');
SELECT is(pg_temp.as_login('g_rina', 'SELECT record_id FROM registry.enrolment'), '42501', 'it opens no table');
SELECT is(pg_temp.as_login('g_rina', 'SELECT access.read_glass()'), '22023', 'something is named');
SELECT is(pg_temp.as_login('g_k2', 'SELECT access.read_glass(''OAA'')'), '42501', 'nobody else reads by it');
SELECT is(pg_temp.ask('g_o2', '''break glass''', '''another''', 'now() + interval ''2 hours'''), '55000', 'no second one while it is not reviewed');
SELECT id AS broken FROM access.scope WHERE login = 'g_rina' AND duty = 'break glass' \gset
SELECT is(pg_temp.as_login('g_auditor2', format('SELECT access.review_glass(%s, ''seen'')', :'broken')), '55000', 'it is reviewed after it ended');
SELECT is(pg_temp.as_login('g_rina', format('SELECT access.revoke(%s, ''done'')', :'broken')), '', 'whoever broke it ends it');
SELECT is(pg_temp.as_login('g_auditor2', format('SELECT access.review_glass(%s, ''twelve rows, all of the village'')', :'broken')), '', 'an auditor reviews it');
SELECT matches(pg_temp.ask('g_o2', '''break glass''', '''another''', 'now() + interval ''2 hours'''), '^[0-9]+$', 'then it may be asked for again');

SELECT * FROM finish();
ROLLBACK;
