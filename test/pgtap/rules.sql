-- rules.sql - rules by hand and by page: every kind, every mode, every field null, zero and empty.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
\ir helper/rule.psql
SELECT plan(129);
CREATE ROLE test_maker LOGIN IN ROLE ekok_operator;
CREATE ROLE test_checker LOGIN IN ROLE ekok_operator;
\ir helper/access.psql
SELECT pg_temp.let('test_maker', 'operator'), pg_temp.let('test_checker', 'operator') \g /dev/null

-- Fields. What is missing or empty is refused, by the constraint named, and never read as "no rule".
CREATE FUNCTION pg_temp.bad(told jsonb, broken text, says text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found_constraint text; found_column text; hint text;
BEGIN
    PERFORM registry.propose_rule('x', '{"kind": "max programmes", "benefit": "cash", "limit": 3, "mode": "refuse", "source": "t",
        "confidence": "assumed", "valid_from": "2020-01-01"}'::jsonb || told);
    DELETE FROM registry.rule WHERE code = 'x';
    RETURN ok(false, says);
EXCEPTION WHEN check_violation OR not_null_violation THEN
    GET STACKED DIAGNOSTICS found_constraint = CONSTRAINT_NAME, found_column = COLUMN_NAME, hint = PG_EXCEPTION_HINT;
    RETURN is(coalesce(nullif(found_constraint, ''), found_column) || CASE WHEN hint = '' THEN ' without hint' ELSE '' END, broken, says);
END $$;
SELECT pg_temp.bad(t::jsonb, c, t) FROM (VALUES
    ('{"limit": null}', 'rule_limit_fits'), ('{"limit": -1}', 'rule_limit_fits'),
    ('{"benefit": null}', 'rule_benefit_fits'), ('{"benefit": ""}', 'rule_benefit_fits'), ('{"benefit": "Cash"}', 'rule_benefit_fits'),
    ('{"kind": null}', 'kind'), ('{"kind": ""}', 'rule_kind_known'), ('{"mode": null}', 'mode'), ('{"mode": ""}', 'rule_mode_known'),
    ('{"valid_from": null}', 'valid_from'), ('{"valid_from": "infinity"}', 'rule_days_finite'), ('{"valid_to": "2019-01-01"}', 'rule_validity_ordered'),
    ('{"valid_to": "infinity"}', 'rule_days_finite'), ('{"source": null}', 'source'), ('{"confidence": null}', 'confidence'),
    ('{"counted": "names"}', 'rule_counted_fits'), ('{"counted": ""}', 'rule_counted_fits'), ('{"evidence": "wallet"}', 'rule_evidence_fits'),
    ('{"programmes": ["OAA"]}', 'rule_sets_fit'), ('{"not_with": []}', 'rule_sets_fit'),
    ('{"kind": "excluded combination", "benefit": null, "limit": null}', 'rule_sets_fit'),
    ('{"kind": "excluded combination", "benefit": null, "limit": null, "programmes": [], "not_with": ["OAA"]}', 'rule_sets_fit'),
    ('{"kind": "excluded combination", "benefit": null, "limit": null, "programmes": ["OAA", null], "not_with": ["WDA"]}', 'rule_sets_fit'),
    ('{"kind": "excluded combination", "benefit": null, "limit": null, "programmes": ["OAA", "OAA"], "not_with": ["WDA"]}', 'rule_sets_fit'),
    ('{"kind": "excluded combination", "benefit": null, "limit": null, "programmes": ["OAA"], "not_with": ["OAA"]}', 'rule_can_be_broken'),
    ('{"kind": "excluded combination", "benefit": "cash", "limit": null, "programmes": ["OAA"], "not_with": ["WDA"]}', 'rule_benefit_fits'),
    ('{"kind": "excluded combination", "benefit": null, "limit": 0, "programmes": ["OAA"], "not_with": ["WDA"]}', 'rule_limit_fits'),
    ('{"kind": "max per evidence", "evidence": null, "counted": "names"}', 'rule_evidence_fits'),
    ('{"kind": "max per evidence", "evidence": "", "counted": "names"}', 'rule_evidence_fits'),
    ('{"kind": "max per evidence", "evidence": "wallet"}', 'rule_counted_fits'),
    ('{"kind": "max per evidence", "evidence": "wallet", "counted": ""}', 'rule_counted_fits'),
    ('{"kind": "max per household"}', 'rule_counted_fits'),
    ('{"kind": "max per household", "counted": "names", "limit": null}', 'rule_limit_fits')) v(t, c);
SELECT throws_ok($$ SELECT registry.propose_rule('x', '{"kind": "excluded combination", "mode": "hold", "source": "t", "confidence": "assumed",
    "valid_from": "2020-01-01", "programmes": ["OAA"], "not_with": [""]}') $$, '23503', 'rule "x" names programme "", which does not exist', 'an empty programme is no programme');
SELECT throws_ok($$ SELECT registry.propose_rule('x', '{"limits": 3}') $$, '22023', 'a rule has no field "limits"', 'a misspelt field is not passed over');
SELECT throws_ok($$ SELECT registry.propose_rule(NULL, '{}') $$, NULL, NULL, 'a rule has a code');
SELECT throws_ok($$ SELECT registry.propose_rule('', '{"kind": "max programmes", "benefit": "cash", "limit": 3, "mode": "refuse", "source": "t",
    "confidence": "assumed", "valid_from": "2020-01-01"}') $$, '23514', NULL, 'and not an empty one');
SELECT throws_ok($$ SELECT registry.grant_exception('max-cash-programmes', $$ || x || ')', s, NULL, x) FROM (VALUES
    ('NULL, NULL, ''r'', now() + interval ''1 day''', '23514'), ('gen_random_uuid(), gen_random_uuid(), ''r'', now() + interval ''1 day''', '23514'),
    ('gen_random_uuid(), NULL, '' '', now() + interval ''1 day''', '23514'), ('gen_random_uuid(), NULL, NULL, now() + interval ''1 day''', '23502'),
    ('gen_random_uuid(), NULL, ''r'', NULL', '23502'), ('gen_random_uuid(), NULL, ''r'', ''infinity''', '23514'),
    ('gen_random_uuid(), NULL, ''r'', now() - interval ''1 day''', '23514'), ('gen_random_uuid(), NULL, ''r'', now() + interval ''400 days''', '23514')) v(x, s);
SELECT throws_ok($$ SELECT registry.grant_exception(NULL, gen_random_uuid(), NULL, 'r', now() + interval '1 day') $$, '23502', NULL, 'an exception is from a rule');

-- At most three cash programmes, refused. The person is one NID, then what a BRN ties to it.
SELECT is(pg_temp.attempt('free' || n, p, '{"nid": "free"}'), 'enrolled', 'a rule that only reports refuses nothing') FROM (VALUES (1, 'OAA'), (2, 'WDA'), (3, 'DIS'), (4, 'MCB')) v(n, p);
SELECT pg_temp.rule('three', '{"kind": "max programmes", "limit": 3}') \g /dev/null
SELECT is(pg_temp.attempt('a1', 'OAA', '{"nid": "a"}'), 'enrolled', 'one');
SELECT is(pg_temp.attempt('a2', 'WDA', '{"nid": "a", "brn": "a"}'), 'enrolled', 'two');
SELECT is(pg_temp.attempt('a3', 'DIS', '{"brn": "a"}'), 'enrolled', 'three, by the BRN');
SELECT is(pg_temp.attempt('a4', 'MCB', '{"brn": "a"}'), 'EK001', 'a fourth by BRN, though the NID stands two steps away');
SELECT is(pg_temp.attempt('a4', 'MCB', '{"nid": "a"}'), 'EK001', 'a fourth by NID');
SELECT is(pg_temp.attempt('a5', 'EGP', '{"nid": "a"}'), 'enrolled', 'workfare does not count');
SELECT is(pg_temp.attempt('a6', 'OAA', '{"nid": "a"}'), 'enrolled', 'nor does the same programme again');
SELECT is(pg_temp.attempt('a7', 'MCB', '{"nid": "a", "status": "inactive"}'), 'enrolled', 'nor what is not active');
SELECT is(pg_temp.attempt('a8', 'MCB', '{"mobile": "a"}'), 'enrolled', 'nor is a mobile a person');
SELECT throws_ok($$ SELECT pg_temp.enrol('a9', 'MCB', '{"nid": "a"}') $$, 'EK001', 'a rule refuses 1 of the enrolments written', 'says how many');
SELECT throws_ok($$ UPDATE registry.enrolment SET status = 'active' WHERE record_id = 'a7' $$, 'EK001', NULL, 'nor is it made active');
SELECT throws_ok($$ UPDATE registry.enrolment SET status = NULL WHERE record_id = 'a7' $$, 'EK001', NULL, 'a status of null counts as active');
SELECT throws_ok($$ UPDATE registry.enrolment SET programme = 'MCB' WHERE record_id = 'a6' $$, 'EK001', NULL, 'nor moved to a fourth programme');
SELECT lives_ok($$ UPDATE registry.enrolment SET amount_paisa = 1 WHERE record_id = 'a1' $$, 'other changes pass');
SELECT lives_ok($$ UPDATE registry.enrolment SET status = 'inactive' WHERE record_id IN ('a1', 'a6') $$, 'a programme may be left');
SELECT lives_ok($$ UPDATE registry.enrolment SET status = 'active' WHERE record_id = 'a7' $$, 'which makes room');
SELECT pg_temp.enrol('m' || n, p, jsonb_build_object('brn', 'm' || n)) FROM (VALUES (1, 'OAA'), (2, 'WDA'), (3, 'DIS')) v(n, p) \g /dev/null
INSERT INTO registry.person (id) VALUES (pg_temp.id_of('dss', 'm1'));
INSERT INTO registry.membership SELECT e.id, pg_temp.id_of('dss', 'm1'), 'decision' FROM registry.enrolment e WHERE e.record_id ~ '^m[123]$';
SELECT is(pg_temp.attempt('m4', 'MCB', '{"brn": "m2"}'), 'EK001', 'who is held to be one person by decision is one for the rule');
DO $$ BEGIN
    INSERT INTO registry.enrolment (id, source, record_id, programme, name_en, birth_date, nid_digits, nid_sealed, nid_token, row_mac, first_run, last_run)
    SELECT pg_temp.id_of('dss', 's' || n || p), 'dss', 's' || n || p, p, 'X', '1970-01-01', 10, '\x01', decode(md5('nids' || n), 'hex'), decode(md5('s'), 'hex'), 1, 1
    FROM generate_series(1, 30) n, unnest(ARRAY['OAA', 'WDA', 'DIS']) p;
    PERFORM registry.add_evidence(ARRAY(SELECT id FROM registry.enrolment WHERE record_id ~ '^s\d'));
END $$;
SELECT pass('rows of one statement that keep to the rule');
SELECT throws_ok($$ INSERT INTO registry.enrolment (id, source, record_id, programme, name_en, birth_date, nid_digits, nid_sealed, nid_token, row_mac, first_run, last_run)
    SELECT pg_temp.id_of('dss', 'z' || p), 'dss', 'z' || p, p, 'X', '1970-01-01', 10, '\x01', decode(md5('nids1'), 'hex'), decode(md5('s'), 'hex'), 1, 1
    FROM unnest(ARRAY['MCB', 'TEA']) p $$, 'EK001', 'a rule refuses 2 of the enrolments written', 'rows of one statement that do not; each is counted');
DELETE FROM registry.rule WHERE code = 'three';

-- Zero: none at all, with and without evidence.
SELECT pg_temp.rule('none', '{"kind": "max programmes", "benefit": "in kind", "limit": 0}') \g /dev/null
SELECT is(pg_temp.attempt('n1', 'VWB'), 'EK001', 'a limit of 0 allows none, evidence or not');
SELECT is(pg_temp.attempt('n2', 'OAA', '{"nid": "n"}'), 'enrolled', 'and bears on its own benefit alone');
DELETE FROM registry.rule WHERE code = 'none';
SELECT pg_temp.rule('any', '{"kind": "max programmes", "benefit": "any", "limit": 1}') \g /dev/null
SELECT is(pg_temp.attempt('n3', 'EGP', '{"nid": "n"}'), 'EK001', 'any benefit counts every programme');
UPDATE registry.rule SET valid_to = current_date - 1 WHERE code = 'any';
SELECT is(pg_temp.attempt('n3', 'EGP', '{"nid": "n"}'), 'enrolled', 'a rule that has ended holds nobody');
UPDATE registry.rule SET valid_from = current_date + 1, valid_to = NULL WHERE code = 'any';
SELECT is(pg_temp.attempt('n4', 'VWB', '{"nid": "n"}'), 'enrolled', 'nor one that has not begun');
UPDATE registry.rule SET valid_from = current_date, valid_to = current_date WHERE code = 'any';
SELECT is(pg_temp.attempt('n5', 'VWB', '{"nid": "n"}'), 'EK001', 'one of today does');
UPDATE registry.rule SET state = 'retired' WHERE code = 'any';
SELECT is(pg_temp.attempt('n5', 'VWB', '{"nid": "n"}'), 'enrolled', 'a retired one does not');

-- Excluded combinations.
SELECT pg_temp.rule('apart', '{"kind": "excluded combination", "benefit": null, "programmes": ["OAA"], "not_with": ["WDA", "DIS"]}') \g /dev/null
SELECT is(pg_temp.attempt('x1', 'OAA', '{"nid": "x"}'), 'enrolled', 'A alone');
SELECT is(pg_temp.attempt('x2', 'DIS', '{"nid": "x"}'), 'EK001', 'A, not with B');
SELECT is(pg_temp.attempt('x3', 'MCB', '{"nid": "x"}'), 'enrolled', 'A with something else');
SELECT is(pg_temp.attempt('y1', 'WDA', '{"nid": "y"}') || pg_temp.attempt('y2', 'DIS', '{"nid": "y"}'), 'enrolledenrolled', 'B with B');
SELECT is(pg_temp.attempt('y3', 'OAA', '{"nid": "y"}'), 'EK001', 'B, not with A');
UPDATE registry.rule SET programmes = '{OAA,WDA,DIS}', not_with = '{OAA,WDA,DIS}' WHERE code = 'apart';
SELECT is(pg_temp.attempt('w1', 'WDA', '{"nid": "w"}') || pg_temp.attempt('w2', 'WDA', '{"nid": "w"}') || pg_temp.attempt('w3', 'DIS', '{"nid": "w"}'),
          'enrolledenrolledEK001', 'of one set only one');
DELETE FROM registry.rule WHERE code = 'apart';

-- One wallet, few names; households.
SELECT pg_temp.rule('wallet', '{"kind": "max per evidence", "evidence": "wallet", "counted": "names", "limit": 2, "benefit": "any"}') \g /dev/null
SELECT is(pg_temp.attempt('v1', 'OAA', '{"wallet": "v", "name_en": "Rahima Khatun"}'), 'enrolled', 'one name');
SELECT is(pg_temp.attempt('v2', 'WDA', '{"wallet": "v", "name_en": null, "name_bn": "রহিমা খাতুন"}'), 'enrolled', 'the same in another script');
SELECT is(pg_temp.attempt('v3', 'OAA', '{"wallet": "v", "name_en": "Abul Hossain"}'), 'enrolled', 'a second name');
SELECT is(pg_temp.attempt('v4', 'OAA', '{"wallet": "v", "name_en": "Jamal Uddin"}'), 'EK001', 'no third');
SELECT is(pg_temp.attempt('v5', 'OAA', '{"wallet": "other", "name_en": "Jamal Uddin"}'), 'enrolled', 'but with another wallet');
UPDATE registry.rule SET counted = 'enrolments', "limit" = 3 WHERE code = 'wallet';
SELECT is(pg_temp.attempt('v6', 'WDA', '{"wallet": "v"}'), 'EK001', 'or so many enrolments');
UPDATE registry.rule SET "limit" = 0, evidence = 'account' WHERE code = 'wallet';
SELECT is(pg_temp.attempt('v7', 'WDA', '{"account": "v"}') || pg_temp.attempt('v8', 'WDA', '{"wallet": "v"}'), 'EK001enrolled', '0: no account at all');
DELETE FROM registry.rule WHERE code = 'wallet';
SELECT pg_temp.rule('house', '{"kind": "max per household", "counted": "enrolments", "limit": 1, "benefit": "cash"}') \g /dev/null
SELECT is(pg_temp.attempt('h1', 'OAA', '{"household": "h"}') || pg_temp.attempt('h2', 'OAA', '{"household": "h"}') || pg_temp.attempt('h3', 'EGP', '{"household": "h"}')
          || pg_temp.attempt('h4', 'OAA', '{"household": "other"}') || pg_temp.attempt('h5', 'OAA') || pg_temp.attempt('h6', 'OAA'),
          'enrolledEK001enrolledenrolledenrolledenrolled', 'one a household; no household, no limit');
DELETE FROM registry.rule WHERE code = 'house';

-- Holds.
SELECT pg_temp.rule('keep', '{"kind": "max programmes", "limit": 2, "mode": "hold"}') \g /dev/null
SELECT is(pg_temp.attempt('k1', 'OAA', '{"nid": "k"}') || pg_temp.attempt('k2', 'WDA', '{"nid": "k"}') || pg_temp.attempt('k3', 'DIS', '{"nid": "k"}')
          || pg_temp.attempt('k4', 'MCB', '{"nid": "k"}'), 'enrolledenrolledheldheld', 'kept, but on hold');
SELECT results_eq($$ SELECT record_id FROM registry.payable WHERE record_id ~ '^k' ORDER BY 1 $$, ARRAY['k1', 'k2'], 'what is on hold is not paid');
SELECT results_eq($$ SELECT rule, programme, standing FROM report.holds $$, $$ VALUES ('keep', 'DIS', 1::bigint), ('keep', 'MCB', 1::bigint) $$, 'and is reported');
SELECT throws_ok($$ SELECT registry.release_hold(pg_temp.id_of('dss', 'k3'), 'keep', 'heard') $$, 'EK001', 'a rule would be broken', 'nor released while the rule would be broken');
UPDATE registry.enrolment SET status = 'inactive' WHERE record_id = 'k1';
SELECT throws_ok($$ SELECT registry.release_hold(pg_temp.id_of('dss', 'k3'), 'keep', '') $$, '23514', NULL, 'nor without a reason');
SELECT lives_ok($$ SELECT registry.release_hold(pg_temp.id_of('dss', 'k3'), 'keep', 'heard') $$, 'released when there is room');
SELECT throws_ok($$ SELECT registry.release_hold(pg_temp.id_of('dss', 'k3'), 'keep', 'heard') $$, 'P0002', NULL, 'once');
SELECT registry.grant_exception('keep', pg_temp.id_of('dss', 'k4'), NULL, 'hardship', now() + interval '10 days') AS given \gset
SELECT lives_ok($$ SELECT registry.release_hold(pg_temp.id_of('dss', 'k4'), 'keep', 'hardship') $$, 'or by an exception');
SELECT registry.grant_exception('keep', pg_temp.id_of('dss', 'k5'), NULL, 'hardship', now() + interval '10 days') AS given \gset
SELECT registry.revoke_exception(:given) \g /dev/null
SELECT is(pg_temp.attempt('k5', 'TEA', '{"nid": "k"}'), 'held', 'a revoked exception is none');
SELECT throws_ok(format('SELECT registry.revoke_exception(%s)', :given), 'P0002', NULL, 'and is revoked once');
DELETE FROM registry.hold; DELETE FROM registry.rule_exception; DELETE FROM registry.rule WHERE code = 'keep';

-- A page: what a rule refuses is set aside, the rest is loaded, the books balance.
SELECT pg_temp.rule('three', '{"kind": "max programmes", "limit": 3}') \g /dev/null
SELECT pg_temp.open('dss') AS run \gset
SELECT pg_temp.give('dss', 'p' || p, p, '{"nid": "p"}') FROM unnest(ARRAY['OAA', 'WDA', 'DIS', 'TBD', 'PCS']) p \g /dev/null
SELECT pg_temp.give('dss', 'q', 'OAA', '{"nid": "q"}') \g /dev/null
SELECT is(pg_temp.merge(:run), '4 0 0 0 2', 'two of six are refused, four loaded');
SELECT results_eq($$ SELECT DISTINCT disposition, reasons -> 0 ->> 'reason', reasons -> 0 ->> 'detail' FROM etl.quarantine WHERE record_id ~ '^p' $$,
                  $$ VALUES ('refused', 'three', 'the rule counts 4 and allows 3') $$, 'with the rule as the reason');
SELECT results_eq($$ SELECT rule, source, records FROM report.refusals $$, $$ VALUES ('three', 'dss', 2::bigint) $$, 'and reported');
SELECT is((SELECT fetched = inserted + updated + unchanged + quarantined + refused AND refused = 2 FROM etl.run WHERE id = :run), true, 'the books balance');
SELECT pg_temp.give('dss', 'p' || p, p, '{"nid": "p"}') FROM unnest(ARRAY['OAA', 'WDA', 'DIS', 'TBD', 'PCS']) p \g /dev/null
SELECT is(pg_temp.merge(:run), '0 0 3 0 2', 'and again, writing nothing');
SELECT pg_temp.give('dss', e.record_id, e.programme, '{"nid": "p", "status": "inactive"}') FROM registry.enrolment e WHERE record_id ~ '^p' ORDER BY record_id LIMIT 1 \g /dev/null
SELECT is(pg_temp.merge(:run), '0 1 0 0 0', 'one is left');
SELECT pg_temp.give('dss', 'p' || p, p, '{"nid": "p"}') FROM unnest(ARRAY['TBD', 'PCS', 'OAA', 'WDA', 'DIS']) p
WHERE 'p' || p <> (SELECT e.record_id FROM registry.enrolment e WHERE e.record_id ~ '^p' AND e.status = 'inactive') \g /dev/null
SELECT is(pg_temp.merge(:run), '1 0 2 0 1', 'so one of the refused comes in');

-- Asking, proposing, activating.
SELECT set_config('test.token', '\x' || md5('nidp'), false) \g /dev/null
SET SESSION AUTHORIZATION test_maker;
SELECT results_eq(format($$ SELECT * FROM registry.check_enrolment('{"programme": "MCB", "nid_token": "%s"}', 'complaint 7') $$, replace(current_setting('test.token'), '\', '\\')),
                  $$ VALUES ('three', 'refuse'), ('max-cash-programmes', 'report') $$, 'asked, it says what would happen');
SELECT is_empty(format($$ SELECT * FROM registry.check_enrolment('{"programme": "EGP", "nid_token": "%s"}', 'complaint 7') $$, replace(current_setting('test.token'), '\', '\\')), 'nothing would');
SELECT throws_ok($$ SELECT * FROM registry.check_enrolment('{"programme": "EGP"}', ' ') $$, '23514', NULL, 'asking wants a purpose');
SELECT throws_ok($$ SELECT * FROM registry.check_enrolment('{"programme": "EGP"}', NULL) $$, '23502', NULL, 'a purpose');
SELECT throws_ok($$ SELECT * FROM registry.check_enrolment('{}', 'x') $$, '23503', NULL, 'and a programme');
SELECT throws_ok($$ SELECT * FROM registry.check_enrolment('{"programme": "EGP", "nid": "1"}', 'x') $$, '22023', NULL, 'an unknown field is not passed over');
RESET SESSION AUTHORIZATION;
SELECT is((SELECT count(*) FROM audit.reading WHERE column_name = 'check_enrolment' AND purpose = 'complaint 7')::int, 2, 'and leaves a trace');
SELECT registry.sweep() \g /dev/null
SELECT count(*) AS over_three FROM registry.broken_rules() WHERE rule = 'three' \gset
SET SESSION AUTHORIZATION test_maker;
SELECT registry.propose_rule('two', '{"kind": "max programmes", "benefit": "cash", "limit": 2, "mode": "refuse", "source": "t", "confidence": "assumed",
    "valid_from": "2020-01-01"}', 'three') \g /dev/null
SELECT is((SELECT count(*) FROM registry.preview_rule('two') WHERE newly) > 30, true, 'a preview tells who is newly affected');
SELECT is((SELECT count(*) FROM registry.preview_rule('two') WHERE NOT newly), :over_three::bigint, 'and who was before');
SELECT ok(:over_three >= 2, 'two at least');
SELECT throws_ok($$ SELECT registry.activate_rule('two', 1) $$, '42501', NULL, 'who proposes does not activate');
SET SESSION AUTHORIZATION test_checker;
SELECT throws_ok($$ SELECT registry.activate_rule('two', 1) $$, '55000', NULL, 'who activates has seen whom it affects');
SELECT throws_ok($$ SELECT registry.activate_rule('two', NULL) $$, '55000', NULL, 'a number is given');
SELECT lives_ok($$ SELECT registry.activate_rule('two', (SELECT count(*) FROM registry.preview_rule('two') WHERE newly)) $$, 'then it is in force');
SELECT throws_ok($$ SELECT registry.activate_rule('two', 0) $$, '55000', 'rule "two" is active', 'once');
RESET SESSION AUTHORIZATION;
SELECT results_eq($$ SELECT concat_ws(' ', code, state, activated_by) COLLATE "C" FROM registry.rule WHERE code IN ('two', 'three') ORDER BY 1 $$,
                  $$ VALUES ('three retired checker'::text COLLATE "C"), ('two active test_checker') $$, 'and the one before is retired');
SELECT is((SELECT sum(persons) > 30 FROM report.rule_hits WHERE rule = 'two'), true, 'whom it affects is reported');
SELECT is(pg_temp.attempt('r' || n, p, '{"nid": "r"}'), o, 'the new limit is ' || o) FROM (VALUES (1, 'OAA', 'enrolled'), (2, 'WDA', 'enrolled'), (3, 'DIS', 'EK001')) v(n, p, o);
SELECT registry.retire_rule('two') \g /dev/null
SELECT is(pg_temp.attempt('r3', 'DIS', '{"nid": "r"}'), 'enrolled', 'retired, it holds nobody');
SELECT is((SELECT count(*) FROM registry.rule_hit WHERE rule = 'two')::int, 0, 'and hits nobody');

SELECT * FROM finish();
ROLLBACK;
