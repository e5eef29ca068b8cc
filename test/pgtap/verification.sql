-- verification.sql - what answers mean, in which order what is asked, quotas, batches, tokens, the check before a payment.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT plan(74);

-- Answers. Each documented one has a meaning; what is not documented, not found or not readable is unknown.
SELECT is_empty($$ SELECT answer FROM registry.verification_answer
    WHERE (reason ILIKE '%not found%' OR answer ~* 'not_?found' OR answer IN ('found=false', 'http=404')) AND verdict <> 'unknown' $$, '"not found" is never a mismatch');
SELECT results_eq($$ SELECT r.verdict, r.reason FROM registry.read_answer('ec', 'http=418') r $$,
                  $$ VALUES ('unknown', 'answer not documented: http=418') $$, 'an answer that is not documented');
SELECT results_eq($$ SELECT r.verdict, r.reason FROM registry.read_answer('ec', NULL) r $$,
                  $$ VALUES ('unknown', 'no answer that can be read') $$, 'none that can be read');
SELECT is((SELECT r.verdict FROM registry.read_answer('bdris', 'match=Y') r), 'unknown', 'another system''s answer');
SELECT is((SELECT r.verdict FROM registry.read_answer(s, a) r), v, s || ' ' || a)
FROM (VALUES ('ec', 'verified=true', 'match'), ('ec', 'verified=false', 'mismatch'), ('ec', 'http=403', 'unknown'),
    ('bkash', 'statusCode=2045', 'unknown'), ('bkash', 'statusCode=2057', 'unknown'), ('bkash', 'statusCode=2058', 'mismatch'),
    ('bkash', 'statusCode=2012', 'unknown'), ('bkash', 'statusCode=2039', 'mismatch'), ('bkash', 'statusCode=2037', 'mismatch'),
    ('bkash', 'statusCode=2040', 'mismatch'), ('bkash', 'statusCode=503', 'unknown'), ('btrc', 'match=Y', 'match'),
    ('btrc', 'match=N', 'mismatch'), ('btrc', 'err_code=EXP010208', 'unknown'), ('bdris', 'found=false', 'unknown'),
    ('bdris', 'dead=true', 'mismatch'), ('rocket', 'wallet=INACTIVE', 'mismatch'), ('nagad', 'reason=16_0006_001', 'unknown'),
    ('land', 'listed=not_found', 'unknown'), ('employees', 'listed=no', 'mismatch')) x(s, a, v);
SELECT is_empty($$ SELECT code FROM registry.verification_system s WHERE NOT EXISTS (SELECT FROM registry.verification_answer a
    WHERE a.system = s.code AND a.verdict = 'match') $$, 'every system can affirm');
SELECT is((SELECT count(*) FROM registry.verification_system WHERE confidence = 'guess')::int, 12, 'what is a guess says so');
SELECT throws_matching($$ INSERT INTO registry.verification_answer VALUES ('ec', 'x', 'match', 'r', 'guess') $$, 'verification_answer_form', 'an answer is field=value');
SELECT throws_matching($$ INSERT INTO registry.verification_answer VALUES ('ec', 'a=b', 'no', 'r', 'guess') $$, 'tri_state', 'and has one of three verdicts');

-- Three enrolments: two with the same NID and birth date, one with a wallet too.
SELECT pg_temp.open('dss') AS run \gset
SELECT pg_temp.give('dss', '1', 'OAA', '{"nid": "a", "mobile": "m", "wallet": "w"}'), pg_temp.give('dss', '2', 'WDA', '{"nid": "a"}'),
       pg_temp.give('dss', '3', 'OAA', '{"nid": "b", "wallet": "x"}'), pg_temp.give('dss', '4', 'OAA', '{"brn": "c"}') \g /dev/null
SELECT pg_temp.merge(:run) \g /dev/null
SELECT is((SELECT count(*) FROM registry.verification_queue WHERE system = 'ec')::int, 2, 'the same NID and birth date are one question');
SELECT is((SELECT string_agg(DISTINCT reason, ',') FROM registry.verification_queue), 'never asked', 'nothing was asked yet');
SELECT is((SELECT count(*) FROM registry.verification_queue WHERE system = 'bdris')::int, 1, 'who has no BRN is not asked about by one');
SELECT is((SELECT count(*) FROM registry.verification_queue WHERE system = 'nagad')::int, 0, 'nor is a wallet of another provider');
UPDATE registry.verification_system SET state = 'off' WHERE code = 'land';
SELECT is((SELECT count(*) FROM registry.verification_queue WHERE system = 'land')::int, 0, 'a system that is off is not asked');
SELECT throws_ok($$ SELECT etl.plan_verification('nobody', 5) $$, 'P0002', 'verification system "nobody" is not known', 'an unknown system');

-- Planning, reserving, readings.
SELECT is(etl.plan_verification('ec', 10), 2, 'planned');
SELECT is((SELECT count(*) FROM audit.reading)::int, 0, 'planning opens nothing');
CREATE TEMP TABLE got AS SELECT * FROM etl.reserve_verification('ec', 10);
SELECT is((SELECT count(*) FROM got)::int, 1, 'a batch of one, as the system is declared');
SELECT ok((SELECT nid_sealed IS NOT NULL AND mobile_sealed IS NULL AND wallet_sealed IS NULL FROM got), 'with the values it asks for, and no other');
SELECT results_eq($$ SELECT column_name, purpose FROM audit.reading $$, $$ VALUES ('nid_sealed', 'verification by ec') $$, 'and a reading of each');
SELECT is((SELECT asked FROM etl.verification_spent WHERE system = 'ec'), 1, 'the quota is spent before anything is sent');
SELECT results_eq(format($$ SELECT matched, mismatched, unknown FROM etl.record_verdicts(%s, '[{"request": %s, "answer": "verified=true"}]') $$,
    batch_id, request_id), 'VALUES (1, 0, 0)', 'a verdict') FROM got;
SELECT is((SELECT valid_until - asked_at FROM registry.verification), interval '365 days', 'valid as declared');
SELECT throws_ok(format($$ SELECT etl.record_verdicts(%s, '[]') $$, batch_id), '55000', NULL, 'a batch is answered once') FROM got;
SELECT is((SELECT count(*) FROM audit.entry WHERE table_name = 'registry.verification' AND purpose = 'verification')::int, 1, 'a verdict leaves a trace');

-- One answer for all with the same values.
SELECT is(etl.share_verdicts('ec') + (SELECT count(*) FROM registry.verification) > 1, true, 'shared with whoever has the same values');
SELECT is(etl.share_verdicts('ec'), 0::bigint, 'once');
SELECT is((SELECT count(DISTINCT request_id) FROM registry.verification WHERE basis = (SELECT registry.verification_basis(e, '{nid,birth_date}')
    FROM registry.enrolment e WHERE record_id = '1'))::int <= 1, true, 'under the request that was answered');

-- A batch that got no answer stays spent, and its enrolments stay planned.
DROP TABLE got;
CREATE TEMP TABLE got AS SELECT * FROM etl.reserve_verification('ec', 10);
SELECT lives_ok(format($$ SELECT etl.fail_verification(%s, 'answered 500', false) $$, batch_id), 'a batch fails') FROM got;
SELECT is((SELECT planned FROM etl.verification_left('ec')), 1, 'what it asked is planned still');
SELECT is((SELECT asked FROM etl.verification_spent WHERE system = 'ec'), 2, 'and its quota spent');
DROP TABLE got;
CREATE TEMP TABLE got AS SELECT * FROM etl.reserve_verification('ec', 10);
SELECT lives_ok(format($$ SELECT etl.fail_verification(%s, 'used up', true) $$, batch_id), 'the system says that its quota is used up') FROM got;
SELECT is((SELECT closed_by FROM etl.verification_left('ec')), 'used up', 'nothing more is asked today');
SELECT is_empty($$ SELECT FROM etl.reserve_verification('ec', 10) $$, 'nothing at all');
SELECT lives_ok($$ SELECT registry.reopen_verification('ec') $$, 'until it is reopened');
SELECT lives_ok($$ SELECT registry.change_verification('ec', 3, NULL, NULL) $$, 'a quota is changed');
SELECT is((SELECT day_left FROM etl.verification_left('ec')), 0, 'and holds');
SELECT is_empty($$ SELECT FROM etl.reserve_verification('ec', 10) $$, 'whatever is planned');
SELECT throws_matching($$ SELECT registry.change_verification('bkash', NULL, 5, NULL) $$, 'fits_batch', 'a minute holds a batch at least');

-- Order: what was changed before what was never asked, a payment before both; never what is valid.
SELECT pg_temp.give('dss', '1', 'OAA', '{"nid": "d", "mobile": "m", "wallet": "w"}') \g /dev/null
SELECT pg_temp.merge(:run) \g /dev/null
SELECT is((SELECT reason FROM registry.verification_queue q JOIN registry.enrolment e ON e.id = q.enrolment_id
           WHERE q.system = 'ec' AND e.record_id = '1'), CASE WHEN EXISTS (SELECT FROM registry.verification v JOIN registry.enrolment e
           ON e.id = v.enrolment_id WHERE e.record_id = '1') THEN 'changed' ELSE 'never asked' END, 'a changed NID is asked about anew');
SELECT lives_ok($$ SELECT registry.announce_payment('OAA', (now() AT TIME ZONE 'Asia/Dhaka')::date + 5) $$, 'a payment is announced');
SELECT is((SELECT string_agg(DISTINCT reason, ',') FROM registry.verification_queue WHERE system = 'bkash'), 'payment list', 'its wallets come first');
SELECT is((SELECT count(*) FROM registry.verification_queue WHERE system = 'ec' AND reason = 'payment list')::int, 0, 'where the account is checked');

-- Before the payment.
SELECT results_eq($$ SELECT e.record_id, p.verdict, p.why FROM registry.payment_check('OAA') p JOIN registry.enrolment e ON e.id = p.enrolment_id ORDER BY 1 $$,
    $$ VALUES ('1', 'unknown', 'not asked yet'), ('3', 'unknown', 'not asked yet'), ('4', 'unknown', 'neither wallet nor account is known') $$, 'nothing is known, so nothing is affirmed');
INSERT INTO registry.verification (enrolment_id, system, verdict, asked_at, valid_until, request_id, answer, reason, basis, risk)
SELECT e.id, 'bkash', 'match', now(), now() + interval '1 day', 'r', 'nidMatch=Y', 'active, and registered to this NID', registry.verification_basis(e, '{wallet,nid}'), 0
FROM registry.enrolment e WHERE e.record_id IN ('1', '3');
SELECT is((SELECT string_agg(verdict, ',' ORDER BY enrolment_id) FROM registry.payment_check('OAA') WHERE system = 'bkash'), 'match,match', 'a match of the wallet says yes');
UPDATE registry.enrolment SET wallet_token = decode(md5('other'), 'hex') WHERE record_id = '3';
SELECT is((SELECT p.verdict FROM registry.payment_check('OAA') p JOIN registry.enrolment e ON e.id = p.enrolment_id WHERE e.record_id = '3'), 'unknown', 'of that wallet, and no other');
UPDATE registry.verification SET asked_at = now() - interval '9 days', valid_until = now() - interval '1 day' WHERE system = 'bkash';
SELECT alike(p.why, 'the verdict is out of date: match%', 'and only while it is valid')
FROM registry.payment_check('OAA') p JOIN registry.enrolment e ON e.id = p.enrolment_id WHERE e.record_id = '1';

-- Tokens.
SELECT is((SELECT grant_id IS NOT NULL FROM etl.reserve_grant('bkash')), true, 'a first token');
SELECT is((SELECT grant_id IS NOT NULL FROM etl.reserve_grant('bkash')), true, 'a second');
SELECT ok((SELECT grant_id IS NULL AND wait_seconds BETWEEN 3000 AND 3660 FROM etl.reserve_grant('bkash')), 'no third within the hour');
SELECT lives_ok($$ SELECT etl.keep_token((SELECT max(id) FROM etl.verification_grant), '\x01', 3600) $$, 'one is kept');
SELECT ok((SELECT kept = '\x01' AND grant_id IS NULL FROM etl.reserve_grant('bkash')), 'and taken up again');
SELECT etl.drop_token((SELECT max(id) FROM etl.verification_grant)) \g /dev/null
SELECT ok((SELECT kept IS NULL AND wait_seconds > 0 FROM etl.reserve_grant('bkash')), 'one that was refused is not, and stays counted');

-- What ended long ago is forgotten; what is asked still, and what was told, is not.
INSERT INTO etl.verification_batch (system, state, size, opened_at, ended_at)
VALUES ('land', 'answered', 1, now() - interval '91 days', now() - interval '91 days'), ('land', 'failed', 1, now(), now() - interval '89 days'),
       ('tin', 'lost', 1, now() - interval '91 days', now() - interval '91 days');
CREATE TEMP TABLE told AS SELECT count(*) AS n FROM registry.verification;
SELECT etl.plan_verification('land', 0) \g /dev/null
SELECT results_eq($$ SELECT system, state FROM etl.verification_batch WHERE system IN ('land', 'tin') ORDER BY system $$, $$ VALUES ('land', 'failed'), ('tin', 'lost') $$,
                  'batches of ninety days ago are forgotten, of the system that is planned');
SELECT is((SELECT count(*) FROM registry.verification), (SELECT n FROM told), 'and no verdict');

SELECT * FROM finish();
ROLLBACK;
