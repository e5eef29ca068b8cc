-- verification_due.sql - what is planned to be asked is what a reading of every enrolment says (registry.verification_needed), in its
-- order, whatever came, changed, was told or ran out; and a pass with nothing due reads no enrolment and no verdict.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT plan(41);

-- One question for each set of fields is enough here.
UPDATE registry.verification_system SET quota_day = 1000000, quota_minute = 1000000;
UPDATE registry.verification_system SET state = 'off' WHERE code NOT IN ('bdris', 'bkash', 'btrc', 'ec', 'land', 'nagad', 'tin');
SELECT pg_temp.open('dss') AS run \gset

-- Enrolments first..last by hand, a statement as a page; numbers are shared among them. Each waits a minute longer than the next.
CREATE FUNCTION pg_temp.page(first int, last int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    WITH come AS (
        INSERT INTO registry.enrolment (id, source, record_id, programme, status, name_en, birth_date, nid_digits, nid_sealed, nid_token, brn_sealed, brn_token,
            mobile_sealed, mobile_token, wallet_provider, wallet_sealed, wallet_token, row_mac, first_run, last_run, created_at, changed_at)
        SELECT pg_temp.id_of('dss', n::text), 'dss', n::text, (ARRAY['OAA', 'WDA', 'DIS'])[n % 3 + 1], (ARRAY['active', 'inactive', 'suspended', NULL])[n % 7 + 1],
            'Somebody', date '1950-01-01' + n % 2, CASE WHEN n % 5 > 0 THEN 10 END, CASE WHEN n % 5 > 0 THEN '\x01'::bytea END, CASE WHEN n % 5 > 0 THEN decode(md5('nid' || n % 60), 'hex') END,
            CASE WHEN n % 4 = 0 THEN '\x01'::bytea END, CASE WHEN n % 4 = 0 THEN decode(md5('brn' || n % 40), 'hex') END,
            CASE WHEN n % 2 = 0 THEN '\x01'::bytea END, CASE WHEN n % 2 = 0 THEN decode(md5('mobile' || n % 50), 'hex') END,
            CASE WHEN n % 3 > 0 THEN (ARRAY['BKASH', 'NAGAD', 'ROCKET'])[n % 3 + 1] END, CASE WHEN n % 3 > 0 THEN '\x01'::bytea END,
            CASE WHEN n % 3 > 0 THEN decode(md5('wallet' || n % 80), 'hex') END, decode(md5('row' || n), 'hex'), 1, 1, now(), now() - make_interval(mins => 10000 - n)
        FROM generate_series(first, last) AS n RETURNING id)
    SELECT array_agg(c.id) INTO ids FROM come c;
    PERFORM registry.add_evidence(ids);
END $$;

CREATE FUNCTION pg_temp.asked(system text) RETURNS text[] LANGUAGE sql AS $$
    SELECT array_agg(concat_ws(' ', encode(r.basis, 'hex'), r.enrolment_id, r.rank, r.reason, r.risk, r.since) ORDER BY r.rank, r.risk DESC, r.since, r.enrolment_id)
    FROM etl.verification_request r WHERE r.system = $1 AND r.batch_id IS NULL $$;
CREATE FUNCTION pg_temp.needed(system text) RETURNS text[] LANGUAGE sql AS $$
    SELECT array_agg(concat_ws(' ', encode(n.basis, 'hex'), n.enrolment_id, n.rank, n.reason, n.risk, n.since) ORDER BY n.rank, n.risk DESC, n.since, n.enrolment_id)
    FROM registry.verification_needed(system) n
    WHERE NOT EXISTS (SELECT FROM etl.verification_request r WHERE r.system = $1 AND r.basis = n.basis AND r.batch_id IS NOT NULL) $$;
-- Systems whose plan differs from the reading of everything: the first few, then all of it.
CREATE FUNCTION pg_temp.differs() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    s text;
    wrong text := '';
    needed text[];
BEGIN
    FOREACH s IN ARRAY ARRAY['bdris', 'bkash', 'btrc', 'ec', 'land', 'nagad'] LOOP
        needed := pg_temp.needed(s);
        PERFORM etl.plan_verification(s, 7);
        IF pg_temp.asked(s) IS DISTINCT FROM nullif(needed[1:cardinality(pg_temp.asked(s))], '{}') OR needed IS NOT NULL AND pg_temp.asked(s) IS NULL THEN
            wrong := wrong || ' first of ' || s;
        END IF;
        PERFORM etl.plan_verification(s, 100000);
        IF pg_temp.asked(s) IS DISTINCT FROM needed THEN
            wrong := wrong || ' all of ' || s;
        END IF;
    END LOOP;
    RETURN wrong;
END $$;
-- Enrolments with a valid verdict on their values that is not theirs too.
CREATE FUNCTION pg_temp.unshared() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM registry.verification_system s JOIN registry.enrolment e ON coalesce(e.status, 'active') <> 'inactive'
        AND (s.wallet_provider IS NULL OR e.wallet_provider = s.wallet_provider)
    CROSS JOIN LATERAL (SELECT k.* FROM registry.verification k WHERE k.system = s.code AND k.basis = registry.verification_basis(e, s.asks) ORDER BY k.asked_at DESC LIMIT 1) v
    WHERE v.valid_until > now() AND NOT EXISTS (SELECT FROM registry.verification o WHERE o.enrolment_id = e.id AND o.system = s.code AND o.basis = v.basis) $$;
-- Answers what is planned of a system, at most that many, all alike.
CREATE FUNCTION pg_temp.answer(system text, answer text, most int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    told int := 0;
    batch bigint;
    requests jsonb;
BEGIN
    LOOP
        SELECT g.batch_id, jsonb_agg(jsonb_build_object('request', g.request_id, 'answer', answer)) INTO batch, requests
        FROM etl.reserve_verification(system, most - told) g GROUP BY 1;
        EXIT WHEN batch IS NULL;
        PERFORM etl.record_verdicts(batch, requests);
        told := told + jsonb_array_length(requests);
        EXIT WHEN told >= most;
    END LOOP;
    PERFORM etl.share_verdicts(system);
    RETURN told;
END $$;

SELECT pg_temp.page(1, 60), pg_temp.page(61, 61), pg_temp.page(62, 150) \g /dev/null
SELECT is(pg_temp.differs(), '', 'what came is planned as a reading of everything says');
SELECT cmp_ok(cardinality(pg_temp.asked('ec')), '>', 40, 'which is something');
SELECT cmp_ok(cardinality(pg_temp.asked('bdris')), '>', 5, 'of each kind');
SELECT pg_temp.page(151, 300) \g /dev/null
SELECT is(pg_temp.differs(), '', 'so is what came later');

SELECT is(pg_temp.answer('ec', 'verified=true', 40), 40, 'forty are answered');
SELECT is(pg_temp.unshared(), 0::bigint, 'verdicts are shared with whoever has the same values');
SELECT cmp_ok((SELECT count(*) FROM registry.verification WHERE system = 'ec'), '>', 40::bigint, 'of whom there are some');
SELECT is(pg_temp.differs(), '', 'what was told is not asked again');
SELECT cmp_ok(pg_temp.answer('bkash', 'nidMatch=Y', 9) + pg_temp.answer('bdris', 'found=false', 6) + pg_temp.answer('btrc', 'match=N', 11), '>', 15, 'other systems answer');
SELECT is(pg_temp.differs(), '', 'each for itself');
SELECT pg_temp.page(301, 360) \g /dev/null
SELECT is(pg_temp.differs(), '', 'who comes with values that were told of is not asked about');
SELECT is(pg_temp.unshared(), 0::bigint, 'but has the verdict');

UPDATE registry.enrolment SET nid_token = decode(md5('nid other' || record_id), 'hex'), changed_at = now() - interval '3 minutes' WHERE record_id::int % 11 = 0 AND nid_token IS NOT NULL;
SELECT registry.mend_evidence(ARRAY(SELECT e.id FROM registry.enrolment e WHERE e.record_id::int % 11 = 0)) \g /dev/null
SELECT cmp_ok((SELECT count(*) FROM registry.verification_needed('ec') WHERE reason = 'changed'), '>', 0::bigint, 'values of some change');
SELECT is(pg_temp.differs(), '', 'they come before those never asked about');
UPDATE registry.enrolment SET status = CASE status WHEN 'inactive' THEN 'active' ELSE 'inactive' END WHERE record_id::int % 13 < 2;
SELECT is(pg_temp.differs(), '', 'who leaves is not asked about, who comes back is');
UPDATE registry.enrolment SET wallet_provider = 'BKASH', wallet_sealed = '\x01', wallet_token = decode(md5('wallet' || record_id::int % 5), 'hex') WHERE record_id::int % 17 = 3;
SELECT registry.mend_evidence(ARRAY(SELECT e.id FROM registry.enrolment e WHERE e.record_id::int % 17 = 3)) \g /dev/null
SELECT is(pg_temp.differs(), '', 'nor is one missed who has a wallet now, or another');
UPDATE registry.enrolment SET birth_date = '1950-01-02' WHERE record_id::int % 19 = 3;
UPDATE registry.enrolment SET programme = 'OAA' WHERE record_id::int % 23 = 3;
SELECT is(pg_temp.differs(), '', 'nor whose birth date or programme changes');

UPDATE registry.verification SET asked_at = now() - interval '20 days', valid_until = now() - make_interval(mins => get_byte(basis, 1)) WHERE get_byte(basis, 0) % 3 < 2;
SELECT cmp_ok((SELECT count(*) FROM registry.verification_needed('ec') WHERE reason = 'expired'), '>', 0::bigint, 'verdicts run out');
SELECT is(pg_temp.differs(), '', 'and are asked for again, last');
DELETE FROM registry.verification WHERE id % 5 = 0;
SELECT is(pg_temp.differs(), '', 'as are those that were deleted by hand');

SELECT registry.announce_payment('OAA', (now() AT TIME ZONE 'Asia/Dhaka')::date + 14), registry.announce_payment('DIS', (now() AT TIME ZONE 'Asia/Dhaka')::date + 15) \g /dev/null
SELECT cmp_ok((SELECT count(*) FROM registry.verification_needed('bkash') WHERE reason = 'payment list'), '>', 0::bigint, 'a programme pays');
SELECT is(pg_temp.differs(), '', 'its accounts are first');
INSERT INTO registry.hold (enrolment_id, rule, counted) SELECT e.id, (SELECT code FROM registry.rule LIMIT 1), 4 FROM registry.enrolment e WHERE e.record_id::int % 29 = 1;
INSERT INTO registry.person (id, made_at) SELECT e.id, now() FROM registry.enrolment e ON CONFLICT DO NOTHING;
INSERT INTO registry.membership (enrolment_id, person_id, basis) SELECT e.id, e.id, 'alone' FROM registry.enrolment e ON CONFLICT DO NOTHING;
INSERT INTO registry.match (a, b, state, kinds, score) SELECT least(x.id, y.id), greatest(x.id, y.id), 'probable', '{mobile}', 5
FROM registry.enrolment x JOIN registry.enrolment y ON y.record_id::int = x.record_id::int + 31 WHERE x.record_id::int % 31 = 2;
SELECT cmp_ok((SELECT count(*) FROM registry.verification_needed('ec') WHERE reason = 'under review'), '>', 0::bigint, 'some wait for a human, some under a hold');
SELECT is(pg_temp.differs(), '', 'they are before others, the riskier first');

-- Risk counts for those too whom the list has not come to: they are in its last page.
SELECT pg_temp.page(361, 400) \g /dev/null
INSERT INTO registry.hold (enrolment_id, rule, counted) SELECT e.id, (SELECT code FROM registry.rule LIMIT 1), 4 FROM registry.enrolment e WHERE e.record_id = '398';
DELETE FROM etl.verification_request WHERE system = 'land';
DELETE FROM etl.verification_due WHERE system = 'land';
DELETE FROM etl.verification_position WHERE system = 'land';
SELECT is(etl.plan_verification('land', 3), 3, 'a system whose list begins anew');
SELECT is(pg_temp.asked('land'), (pg_temp.needed('land'))[1:3], 'asks those first that everything says');
SELECT cmp_ok((SELECT count(*) FROM etl.verification_due WHERE system = 'land')::int, '<', 120, 'and lists no more than it has to');
UPDATE registry.verification_system SET asks = '{brn,birth_date}' WHERE code = 'land';
SELECT is(pg_temp.differs(), '', 'a system that asks for other fields begins anew');

DELETE FROM registry.evidence WHERE enrolment_id = pg_temp.id_of('dss', '399');
DELETE FROM etl.verification_request WHERE enrolment_id = pg_temp.id_of('dss', '399');
DELETE FROM registry.pending WHERE enrolment_id = pg_temp.id_of('dss', '399');
DELETE FROM registry.enrolment WHERE record_id = '399';
SELECT is(pg_temp.differs(), '', 'who is gone is not asked about');

-- Nothing due: whatever the size of the registry, neither enrolments nor verdicts are read.
SELECT etl.plan_verification('tin', 100000), pg_temp.answer('tin', 'listed=no', 100000) \g /dev/null
SELECT is((SELECT count(*) FROM registry.verification_needed('tin'))::int, 0, 'all of a system is told');
CREATE FUNCTION pg_temp.reads(name text) RETURNS bigint LANGUAGE sql AS $$
    SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint FROM pg_stat_xact_user_tables WHERE schemaname || '.' || relname = name $$;
SELECT pg_temp.reads('registry.enrolment') AS enrolments, pg_temp.reads('registry.verification') AS verdicts, pg_temp.reads('etl.verification_due') AS due \gset
SELECT is(etl.plan_verification('tin', 1000), 0, 'nothing is planned');
SELECT is(pg_temp.reads('registry.enrolment') - :enrolments, 0::bigint, 'no enrolment is read');
SELECT is(pg_temp.reads('registry.verification') - :verdicts, 0::bigint, 'no verdict either');
SELECT cmp_ok(pg_temp.reads('etl.verification_due') - :due, '<=', 2::bigint, 'and of the list its beginning');

-- What people are told of it, from what is kept: what still waits, and what a pass would ask.
DELETE FROM etl.verification_request WHERE batch_id IS NULL;
SELECT pg_temp.reads('registry.verification') AS verdicts \gset
CREATE TEMP TABLE told AS SELECT * FROM report.verification_waiting;
SELECT is(pg_temp.reads('registry.verification') - :verdicts, 0::bigint, 'what waits is counted without reading a verdict');
-- All of these systems' lists reach to the end: every enrolment that the model would ask about, with all who have the same values.
SELECT results_eq($$ SELECT system, sum(enrolments)::bigint FROM told WHERE system IN ('bdris', 'bkash', 'btrc', 'ec', 'land', 'nagad') GROUP BY 1 ORDER BY 1 $$,
    $$ SELECT s.code, count(*) FROM registry.verification_system s JOIN registry.enrolment e ON coalesce(e.status, 'active') <> 'inactive'
           AND (s.wallet_provider IS NULL OR e.wallet_provider = s.wallet_provider)
       WHERE s.code IN ('bdris', 'bkash', 'btrc', 'ec', 'land', 'nagad') AND registry.verification_basis(e, s.asks) IN (SELECT n.basis FROM registry.verification_needed(s.code) n)
       GROUP BY 1 ORDER BY 1 $$, 'as many wait as a reading of every enrolment says');
SELECT is((SELECT count(*) FROM told WHERE system = 'tin' OR reason = 'not looked at'), 0::bigint, 'none where all was told');
SELECT pg_temp.page(401, 425) \g /dev/null
SELECT is((SELECT enrolments FROM report.verification_waiting WHERE system = 'ec' AND reason = 'not looked at'), 25::bigint, 'twenty-five came: not looked at');
CREATE TEMP TABLE would AS SELECT * FROM registry.preview_verification(NULL, 9);
SELECT is((SELECT enrolments FROM report.verification_waiting WHERE system = 'ec' AND reason = 'not looked at'), 25::bigint, 'nor by showing what would be asked');
SELECT is((SELECT count(*) FROM etl.verification_request WHERE batch_id IS NULL), 0::bigint, 'by which nothing is planned');
SELECT etl.plan_verification(s.code, 9) FROM registry.verification_system s WHERE s.state = 'active' \g /dev/null
SELECT set_eq('SELECT system, rank, reason, questions, risk, since FROM would', $$ SELECT system, rank, reason, count(*), max(risk), min(since)
    FROM etl.verification_request WHERE batch_id IS NULL GROUP BY 1, 2, 3 $$, 'what would be asked is what is planned then');

SELECT * FROM finish();
ROLLBACK;
