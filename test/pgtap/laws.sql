-- laws.sql - the laws that stand as constraints. Each row that breaks one is refused by that one.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT plan(45);

-- An enrolment that holds, to be broken in one place at a time.
CREATE FUNCTION pg_temp.enrol(told jsonb) RETURNS void LANGUAGE sql AS $$
    INSERT INTO registry.enrolment SELECT * FROM jsonb_populate_record(NULL::registry.enrolment,
        jsonb_build_object('id', pg_temp.id_of('dss', '1'), 'source', 'dss', 'record_id', '1', 'programme', 'OAA',
            'name_en', 'Rahima', 'birth_date', '1950-01-01', 'row_mac', '\x' || repeat('00', 16), 'first_run', 1,
            'last_run', 1, 'created_at', now(), 'changed_at', now()) || told);
$$;
CREATE FUNCTION pg_temp.breaks(told jsonb, law text) RETURNS text LANGUAGE sql AS $$
    SELECT throws_matching(format('SELECT pg_temp.enrol(%L)', told), '"' || law || '"', law);
$$;

SELECT pg_temp.breaks('{"amount_paisa": -1}', 'enrolment_amount_not_negative');
SELECT pg_temp.breaks('{"name_en": null}', 'enrolment_named');
SELECT pg_temp.breaks('{"name_en": ""}', 'enrolment_name_en_size');
SELECT pg_temp.breaks('{"birth_date": "1700-01-01"}', 'enrolment_birth_date_range');
SELECT pg_temp.breaks('{"sex": "f"}', 'enrolment_sex_known');
SELECT pg_temp.breaks('{"status": "dead"}', 'enrolment_status_known');
SELECT pg_temp.breaks('{"geo": "123"}', 'enrolment_geo_form');
SELECT pg_temp.breaks('{"geo": "1004091300"}', 'enrolment_geo_form');
SELECT pg_temp.breaks('{"nid_digits": 12}', 'enrolment_nid_digits_known');
SELECT pg_temp.breaks('{"row_mac": "\\x00"}', 'enrolment_row_mac_size');
SELECT pg_temp.breaks('{"record_id": ""}', 'enrolment_record_id_size');
SELECT pg_temp.breaks(jsonb_build_object(kind || '_token', '\x00', kind || '_sealed', '\x01', 'nid_digits', 10), 'enrolment_' || kind || '_token_size')
FROM unnest(ARRAY['nid', 'brn', 'mobile', 'account']) kind;
SELECT pg_temp.breaks(jsonb_build_object(kind || '_sealed', '\x01'), 'enrolment_' || kind || '_whole')
FROM unnest(ARRAY['nid', 'brn', 'mobile', 'wallet', 'account']) kind;
SELECT pg_temp.breaks(jsonb_build_object(kind || '_token', '\x' || repeat('11', 16)), 'enrolment_' || kind || '_whole')
FROM unnest(ARRAY['nid', 'brn', 'mobile', 'wallet', 'account']) kind;
SELECT pg_temp.breaks('{"nid_digits": 10}', 'enrolment_nid_whole');
SELECT pg_temp.breaks(jsonb_build_object('wallet_sealed', '\x01', 'wallet_token', '\x' || repeat('11', 16)), 'enrolment_wallet_whole');
SELECT throws_ok($$ SELECT pg_temp.enrol('{"programme": "XXX"}') $$, '23503', NULL, 'an enrolment names a programme that exists');
SELECT throws_ok($$ SELECT pg_temp.enrol('{"source": "xxx"}') $$, '23503', NULL, 'an enrolment names a source that exists');
SELECT lives_ok($$ SELECT pg_temp.enrol('{"geo": "10040999", "amount_paisa": 0}') $$, 'a place unknown to us and no money are fine');
SELECT throws_ok(format('SELECT pg_temp.enrol(%L)', jsonb_build_object('id', pg_temp.id_of('dss', 'other'))), '23505', NULL,
                 'one enrolment for each record of a source');
SELECT throws_ok($$ UPDATE registry.enrolment SET record_id = '2' $$, '23000', NULL, 'an enrolment keeps its identity');
SELECT throws_ok($$ INSERT INTO registry.evidence VALUES (pg_temp.id_of('no', 'one'), 'nid', ekok.evidence('nid', 'x', 1)) $$, '23503',
                 NULL, 'no evidence without its enrolment');
SELECT lives_ok($$ INSERT INTO registry.evidence VALUES (pg_temp.id_of('dss', '1'), 'nid', ekok.evidence('nid', 'x', 1)) $$, 'evidence of an enrolment');
SELECT throws_ok($$ DELETE FROM registry.enrolment $$, '23503', NULL, 'no enrolment goes while its evidence stands');
SELECT throws_ok($$ DELETE FROM registry.programme WHERE code = 'OAA' $$, '23503', NULL, 'no programme goes while it is named');

SELECT pg_temp.open('dss') AS run \gset
SELECT throws_matching(format('UPDATE etl.run SET fetched = 3, inserted = 1, updated = 1 WHERE id = %s', :run), 'run_books_balance', 'the books balance');
SELECT throws_matching(format('UPDATE etl.run SET fetched = 0, inserted = 1, updated = -1 WHERE id = %s', :run), 'run_counts_not_negative', 'counts are not negative');
SELECT throws_matching(format('INSERT INTO etl.page VALUES (%s, 1, sha256(''x''), 1, 1, ''loaded'', ''why'')', :run), 'page_broken_says_why', 'a loaded page has no problem');
SELECT throws_matching(format($$ INSERT INTO etl.quarantine (source, row_mac, disposition, reasons, sealed, first_run, first_page)
                       VALUES ('dss', sha256('x')::bytea, 'refused', '[]', '\x', %s, 1) $$, :run), 'quarantine_(reasons_given|row_mac_size)', 'nothing is set aside without a reason');
SELECT throws_matching($$ INSERT INTO registry.verification (enrolment_id, system, verdict, asked_at, valid_until, request_id)
                       VALUES (pg_temp.id_of('dss', '1'), 'nid', 'not found', now(), now(), 'r') $$, 'verification_verdict_tri_state', 'a verdict is match, mismatch or unknown');
SELECT throws_matching($$ INSERT INTO registry.match VALUES (pg_temp.id_of('dss', '1'), pg_temp.id_of('dss', '1'), 'certain', now(), '{nid}', 50) $$,
                       'match_ordered', 'a pair has two ends, in order');
SELECT throws_matching($$ INSERT INTO registry.programme VALUES ('BIG', 4096, 'x', NULL, 'MoSW', 'cash', false, 'x', 'assumed') $$,
                       'programme_number_range', 'a programme''s number fits 12 bits');
INSERT INTO access.grant_request (requester, role, purpose, expires_at) VALUES ('a', 'analyst', 'audit of district', now() + interval '1 day');
SELECT throws_matching($$ INSERT INTO access.approval SELECT id, 'a', 'a', 'approved' FROM access.grant_request $$, 'approval_by_another', 'nobody approves their own request');
INSERT INTO access.approval SELECT id, 'a', 'b', 'approved' FROM access.grant_request;
SELECT throws_matching($$ INSERT INTO access.session (request_id, first_approver, second_approver) SELECT id, 'b', 'b' FROM access.grant_request $$,
                       'session_two_approvers', 'a session stands on two approvals by two others');

SELECT * FROM finish();
ROLLBACK;
