-- erasure.sql - a subject is erased by two, when nothing speaks against it: rows and images go, the rest of the trace stays to
-- the byte, and nothing but an erasure ever changes an entry. No table that holds people is forgotten.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
\ir helper/access.psql
SELECT plan(70);

-- The catalog: whatever table there is, somebody said whether it holds people.
CREATE TEMP TABLE without_people (place text);
INSERT INTO without_people VALUES ('etl.allowance'), ('etl.breaker'), ('etl.contract'), ('etl.cursor'), ('etl.definition_proposal'), ('etl.file'),
    ('etl.former_mac'), -- goes with what was set aside
    ('etl.generation'), ('etl.lease'), ('etl.release'), ('etl.run'), ('etl.source'), ('etl.source_definition'), ('etl.source_programme'),
    ('etl.verification_batch'), ('etl.verification_grant'), ('etl.verification_position'), ('etl.verification_spent'), ('registry.evidence_kind'), ('registry.geo'),
    ('registry.ministry'), ('registry.payment_list'), ('registry.pmt_cutoff'), ('registry.programme'), ('registry.rule'), ('registry.rule_epoch'),
    ('registry.sweep_count'), ('registry.sweep_run'), ('registry.verification_answer'), ('registry.verification_policy'),
    ('registry.verification_system'), ('registry.weights'), ('sweep.holders'), ('sweep.mark'),
    ('registry.erasure'), ('registry.legal_hold'), ('registry.retention'), ('registry.keeping_proposal'); -- the books of erasure itself: ids and grounds
CREATE FUNCTION pg_temp.undecided() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('registry', 'etl', 'sweep') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.oid::regclass::text NOT IN (SELECT place FROM without_people) AND c.oid NOT IN (SELECT place FROM registry.erasure_plan()) $$;
SELECT is_empty('SELECT pg_temp.undecided()', 'of every table it is said whether it holds people');
SELECT is_empty($$ SELECT p.place FROM registry.erasure_plan() p JOIN without_people w ON w.place = p.place::text $$, 'and not two things of one');
SELECT is_empty($$ SELECT table_name FROM keyring.cells() WHERE table_name NOT IN ('etl.verification_grant', 'access.factor')
                   AND table_name NOT IN (SELECT place::text FROM registry.erasure_plan()) $$, 'every table with sealed values of people is passed over');
CREATE TABLE registry.forgotten (name_en text);
SELECT is((SELECT array_agg(u) FROM pg_temp.undecided() u), ARRAY['registry.forgotten'], 'a table that is forgotten would be found');
DROP TABLE registry.forgotten;

-- Entries and their commitments.
SELECT is_empty($$ SELECT id FROM audit.entry WHERE commitment IS NOT NULL AND salt IS NOT NULL AND commitment <> audit.commit_images(salt, old, new) $$,
                'every commitment is that to its images');
INSERT INTO registry.ministry (code, name_en, source, confidence) VALUES ('TM', 'Test', 'test', 'assumed');
DELETE FROM registry.ministry WHERE code = 'TM';
INSERT INTO registry.ministry (code, name_en, source, confidence) VALUES ('TM', 'Test', 'test', 'assumed');
UPDATE registry.ministry SET name_en = 'বাংলা "\' WHERE code = 'TM';
SELECT is((SELECT count(*) FROM audit.entry WHERE row_id = 'TM' AND table_name = 'registry.ministry' AND commitment = audit.commit_images(salt, old, new)), 4::bigint,
          'of INSERT, DELETE and UPDATE, whatever the letters');
SELECT is((SELECT count(DISTINCT commitment) FROM audit.entry WHERE row_id = 'TM' AND op = 'INSERT'), 2::bigint, 'the same row twice has two commitments');
SELECT isnt(audit.commit_images('\x00', '{}', NULL), audit.commit_images('\x00', NULL, '{}'), 'before and after are not the same');

-- s1, s5, w1 and the member are one human, s2 shares the household.
SELECT pg_temp.open(s) FROM unnest(ARRAY['dss', 'dwa', 'nhd']) s WHERE EXISTS (SELECT FROM etl.source k WHERE k.code = s) \g /dev/null
CREATE FUNCTION pg_temp.load(source text, record text, programme text, told jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.give(source, record, programme, told);
    RETURN pg_temp.merge((SELECT id FROM etl.run r WHERE r.source = load.source AND state = 'running'));
END $$;
CREATE FUNCTION pg_temp.load_all() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(pg_temp.load(k.source, k.record, k.programme, k.told::jsonb), ', ') FROM (VALUES
    ('dss', 's1', 'OAA', '{"name_en": "Plantedname Begum", "geo": "30260413", "nid": "a", "household": "h1", "status": "inactive"}'),
    ('dss', 's5', 'WDA', '{"name_en": "Plantedname Begum", "geo": "30260413", "nid": "a", "household": "h5", "status": "inactive"}'),
    ('dwa', 'w1', 'MCB', '{"name_en": "Plantedname Begum", "geo": "30260413", "nid": "a", "status": "inactive"}'),
    ('dss', 's2', 'WDA', '{"name_en": "Kamala Rani Das", "birth_date": "1941-07-01", "geo": "3026", "nid": "b", "household": "h1"}'),
    ('dwa', 'w2', 'MCB', '{"name_en": "Kamala Rani Das", "birth_date": "1941-07-01", "geo": "3026", "nid": "b"}')) k(source, record, programme, told) $$;
SELECT is(pg_temp.load_all(), '1 0 0 0 0, 1 0 0 0 0, 1 0 0 0 0, 1 0 0 0 0, 1 0 0 0 0', 'five enrolments of two humans');
SELECT pg_temp.give_bad('s1'), pg_temp.merge((SELECT id FROM etl.run r WHERE r.source = 'dss' AND state = 'running')) \g /dev/null
SELECT * FROM registry.sweep() \g /dev/null
INSERT INTO registry.household_member (id, source, record_id, household_id, status, name_en, birth_date, pmt, surveyed_on, nid_digits, nid_sealed, nid_token, row_mac, first_run, last_run)
SELECT 'dddddddd-0000-8000-8000-000000000001', 'dss', 'm1', h.id, 'listed', 'Plantedname Begum', '1960-02-03', 700, '2024-01-01', 10, '\x01', e.nid_token, e.row_mac, e.first_run, e.last_run
FROM registry.enrolment e JOIN registry.household h ON h.household_key = 'h5' WHERE e.record_id = 's1';
SELECT pg_temp.id_of('dss', 's1') AS s1, pg_temp.id_of('dss', 's2') AS s2, pg_temp.id_of('dwa', 'w2') AS w2 \gset
SELECT person_id AS subject FROM registry.membership WHERE enrolment_id = :'s1' \gset
SELECT registry.decide(:'s1', :'s2', 'different', 'not Plantedname') \g /dev/null
INSERT INTO registry.verification (enrolment_id, system, verdict, asked_at, valid_until, request_id, answer, reason)
SELECT :'s1', system, verdict, now(), now() + interval '1 day', 'r-1', answer, reason FROM registry.verification_answer WHERE verdict = 'match' LIMIT 1;
UPDATE registry.enrolment SET father_name = 'Plantedfather' WHERE id = :'s1';
UPDATE registry.enrolment SET father_name = 'Anotherfather' WHERE id = :'s2';
SELECT audit.record_reading('registry.enrolment', 'nid_sealed', :'s1', 'test') \g /dev/null
CREATE TEMP TABLE ids AS SELECT unnest((registry.subject_ids(:'s1')).ids) AS id;
SELECT is((SELECT count(*) FROM ids), 4::bigint + (SELECT count(*) FROM ids i WHERE i.id = :'subject' AND :'subject' NOT IN (SELECT enrolment_id::text FROM registry.membership)),
          'an enrolment stands for its person, all enrolments and the surveyed member');
SELECT set_eq(format('SELECT unnest((registry.subject_ids(%L)).ids)', :'subject'), 'SELECT id FROM ids', 'so does the person');

-- Where a word stands, in any table of any schema of ours.
CREATE FUNCTION pg_temp.holders(word text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    t regclass;
    found bigint;
BEGIN
    FOR t IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname IN ('registry', 'etl', 'sweep', 'audit', 'access', 'keyring') AND c.relkind = 'r' ORDER BY c.oid::regclass::text LOOP
        EXECUTE format('SELECT count(*) FROM %s t WHERE strpos(t::text, $1) > 0', t) INTO found USING word;
        IF found > 0 THEN
            RETURN NEXT regexp_replace(t::text, '^audit\.entry_.*', 'audit.entry');
        END IF;
    END LOOP;
END $$;
SELECT set_eq($$ SELECT pg_temp.holders('Planted') $$, ARRAY['registry.enrolment', 'registry.household_member', 'registry.decision', 'registry.person_event', 'audit.entry'],
              'the name stands where one would think');

-- Who may, and when not.
SELECT pg_temp.let('t_first', 'operator'), pg_temp.let('t_second', 'operator'), pg_temp.let('t_women', 'operator', (SELECT ministry FROM registry.programme WHERE code = 'MCB')),
       pg_temp.let('t_analyst', 'analyst'), pg_temp.let('t_auditor', 'auditor') \g /dev/null
CREATE FUNCTION pg_temp.propose(login name, who text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.as_login(login, format('SELECT registry.propose_erasure(%L, ''PDPO 2025 s. 13'', ''C-17'')', coalesce(who, (SELECT id::text FROM ids LIMIT 1)))) $$;
CREATE FUNCTION pg_temp.erase(login name) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.as_login(login, 'SELECT rows > 0 AND entries > 0 FROM registry.erase_subject((SELECT max(id) FROM registry.erasure))') $$;
CREATE FUNCTION pg_temp.obstacle() RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.as_login('t_second', format('SELECT obstacle FROM registry.erasure_obstacles(%L)', (SELECT id FROM ids LIMIT 1))) $$;
SELECT is(pg_temp.propose('t_analyst'), '42501', 'an analyst proposes nothing');
SELECT is(pg_temp.propose('t_women'), 'P0002', 'nor an operator who sees a part of the subject');
SELECT is(pg_temp.propose('t_first', gen_random_uuid()::text), 'P0002', 'nor anybody an unknown one');
SELECT is(pg_temp.as_login('t_first', format('SELECT registry.propose_erasure(%L, '' '', ''C'')', :'s1')), '23514', 'nor without a law');
SELECT is(pg_temp.as_login('t_first', format('SELECT registry.preview_erasure(%L)', :'s1')) ~ 'registry.enrolment,3', true, 'a dry run counts');
SELECT isnt(pg_temp.propose('t_first'), '', 'an operator proposes');
SELECT is(pg_temp.propose('t_second'), '23505', 'once');
SELECT is(pg_temp.erase('t_first'), '42501', 'and does not erase by it');
UPDATE access.account SET disabled_at = now(), disabled_because = 'test' WHERE login = 't_first';
SELECT pg_temp.let('t_again', 'operator') \g /dev/null
UPDATE access.account SET holder = 'Holder of t_first ' WHERE login = 't_again';
SELECT is(pg_temp.erase('t_again'), '42501', 'nor under another login');
UPDATE access.account SET holder = 'holder of t_again' WHERE login = 't_again';
UPDATE access.account SET disabled_at = NULL, disabled_because = NULL WHERE login = 't_first';
SELECT is(pg_temp.erase('t_women'), 'P0002', 'nor does one who sees a part');
SELECT is(pg_temp.obstacle(), '', 'nothing speaks against it');
UPDATE registry.enrolment SET status = 'active' WHERE id = :'s1';
SELECT is(pg_temp.erase('t_second') || ' ' || pg_temp.obstacle(), '55000 1 enrolment(s) are not at an end', 'an active enrolment does');
UPDATE registry.enrolment SET status = 'absent' WHERE id = :'s1';
SELECT pg_temp.as_login('t_first', format('SELECT registry.place_legal_hold(%L, ''a case in court'')', :'s1')) \g /dev/null
SELECT is(pg_temp.erase('t_second') || ' ' || pg_temp.obstacle(), '55000 1 legal hold(s) stand', 'a legal hold does');
SELECT pg_temp.as_login('t_second', 'SELECT registry.lift_legal_hold((SELECT max(id) FROM registry.legal_hold), ''it was decided'')') \g /dev/null
SELECT is(pg_temp.erase('t_second'), '55000', 'and goes on doing so while its end is only proposed');
SELECT is(pg_temp.as_login('t_first', 'SELECT registry.approve_keeping((SELECT max(id) FROM registry.keeping_proposal)) ~ ''is lifted'''), 'true', 'until it is lifted, by two');
SELECT pg_temp.as_login('t_first', 'SELECT registry.set_retention(''MCB'', ''5 years'', ''some law'')') \g /dev/null
SELECT matches(pg_temp.erase('t_second') || ' ' || pg_temp.obstacle(), '^55000 a law wants 1 enrolment\(s\) kept until', 'so does a law that wants it kept');
SELECT is(pg_temp.as_login('t_first', 'SELECT registry.set_retention(''MCB'', ''5 seconds'', ''some law'')'), '23514', 'a term of seconds is none');
DELETE FROM registry.retention;
INSERT INTO etl.page (run_id, number, sha256, bytes, rows, state, problem, kept) SELECT id, 900, sha256('k'), 1, 0, 'broken', 'test', '\x01'
FROM etl.run WHERE source = 'dss' AND state = 'running';
SELECT matches(pg_temp.erase('t_second') || ' ' || pg_temp.obstacle(), '^55000 1 page\(s\) of the subject''s sources could not be read', 'so does a page kept whole');
UPDATE etl.page SET at = '2020-01-01' WHERE kept IS NOT NULL;
INSERT INTO etl.run (source, contract_sha256, state, started_at, ended_at, kind, fence) SELECT source, contract_sha256, 'finished', now(), now(), kind, fence
FROM etl.run WHERE source = 'dss' AND state = 'running';
SELECT is(pg_temp.obstacle(), '', 'until a run has finished since');
INSERT INTO audit.entry (table_name, op, row_id, new) VALUES ('registry.enrolment', 'INSERT', gen_random_uuid()::text || :'s1', '{}');
SELECT is(pg_temp.erase('t_second'), '55000', 'and an entry from before commitments does');
ALTER TABLE audit.entry DISABLE TRIGGER USER;
DELETE FROM audit.entry WHERE commitment IS NULL AND row_id LIKE '%' || :'s1';
ALTER TABLE audit.entry ENABLE ALWAYS TRIGGER insert_only;
ALTER TABLE audit.entry ENABLE ALWAYS TRIGGER erased_only;
SELECT is((SELECT count(*) FROM registry.enrolment WHERE name_en LIKE 'Planted%'), 3::bigint, 'all refused: nobody is gone');

-- It is done.
CREATE TEMP TABLE trace AS SELECT id, at, xact, actor, source, run_id, page_sha256, purpose, table_name, op, row_id, commitment, salt, new::text, old::text FROM audit.entry;
SELECT is(pg_temp.erase('t_second'), 'true', 'another operator erases');
SELECT is_empty($$ SELECT pg_temp.holders('Planted') $$, 'the name stands nowhere');
SELECT set_eq($$ SELECT DISTINCT h FROM ids, pg_temp.holders(ids.id::text) h $$, ARRAY['audit.entry', 'audit.reading', 'audit.erasure', 'registry.erasure', 'registry.legal_hold'],
              'ids stand in the trace, in readings, in the books of erasures, and nowhere else');
SELECT is_empty($$ SELECT e.id FROM audit.entry e, ids WHERE strpos(coalesce(e.old::text, '') || coalesce(e.new::text, ''), ids.id::text) > 0
                   AND e.table_name NOT IN ('audit.reading', 'audit.erasure', 'registry.erasure', 'registry.legal_hold') $$, 'in the trace in no other image');
SELECT is_empty($$ SELECT id, at, xact, actor, source, run_id, page_sha256, purpose, table_name, op, row_id, commitment FROM trace
                   EXCEPT SELECT id, at, xact, actor, source, run_id, page_sha256, purpose, table_name, op, row_id, commitment FROM audit.entry $$,
                'what is hashed of every entry stays to the byte');
SELECT is_empty($$ SELECT t.id FROM trace t JOIN audit.entry e USING (id) WHERE (t.salt, t.old, t.new) IS DISTINCT FROM (e.salt, e.old::text, e.new::text)
                   AND e.id NOT IN (SELECT unnest(entries) FROM audit.erasure) $$, 'and every image that no receipt names');
SELECT is((SELECT count(*) FROM audit.entry WHERE salt IS NULL AND commitment IS NOT NULL), (SELECT cardinality(entries)::bigint FROM audit.erasure), 'the receipt names all that are gone');
SELECT cmp_ok((SELECT count(*) FROM audit.entry e JOIN audit.erasure r ON e.id = ANY (r.entries) WHERE e.op = 'DELETE'), '>=', 8::bigint, 'those of the deletion too');
SELECT is((SELECT proposed_by || ' ' || erased_by || ' ' || case_id FROM audit.erasure), 't_first t_second C-17', 'and who did it');
SELECT is((SELECT (e.new ->> 'entries')::jsonb FROM audit.entry e WHERE e.table_name = 'audit.erasure'), (SELECT to_jsonb(entries) FROM audit.erasure), 'it stands in the trace');
SELECT is((SELECT array_agg(outcome || ' ' || ended_by) FROM registry.erasure), ARRAY['erased t_second'], 'the proposal is at its end');
SELECT is((SELECT string_agg(household_key, ' ' ORDER BY household_key) FROM registry.household WHERE household_key IN ('h1', 'h5')), 'h1', 'a household without anybody goes, a shared one stays');
SELECT is((SELECT count(*) FROM etl.quarantine WHERE record_id = 's1'), 0::bigint, 'records set aside go');
SELECT is((SELECT count(*) FROM etl.page WHERE kept IS NOT NULL), 0::bigint, 'and pages kept whole');
SELECT is((SELECT count(*) FROM registry.membership WHERE enrolment_id IN (:'s2', :'w2')), 2::bigint, 'the other human stays');
SELECT is_empty('SELECT * FROM audit.unaccounted()', 'every row is what its last entry says');
SELECT is(pg_temp.erase('t_second'), 'P0002', 'nobody is erased twice');
SELECT is((SELECT count(*) FROM audit.who_saw(:'s1')), 1::bigint, 'who saw the citizen is still told');
SELECT is(pg_temp.as_login('t_auditor', 'SELECT case_id FROM audit.erasure'), 'C-17', 'an auditor reads receipts');
SELECT is(pg_temp.as_login('t_second', 'SELECT case_id FROM audit.erasure'), '42501', 'an operator does not');

-- Nothing else changes an entry, not even the owner's hand, with a receipt in the same transaction.
SET LOCAL ROLE ekok_owner;
SELECT id AS kept_entry, (SELECT entries[1] FROM audit.erasure) AS gone_entry FROM audit.entry WHERE table_name = 'registry.enrolment' AND salt IS NOT NULL LIMIT 1 \gset
SELECT throws_ok(format('UPDATE audit.entry SET old = NULL, new = NULL, salt = NULL WHERE id = %s', :kept_entry), '42501', NULL, 'an image that no receipt names');
SELECT throws_ok(format($$ UPDATE audit.entry SET new = '{}', salt = sha256('x') WHERE id = %s $$, :gone_entry), '42501', NULL, 'an image put back');
SELECT throws_ok(format($$ UPDATE audit.entry SET commitment = sha256('x') WHERE id = %s $$, :gone_entry), '42501', NULL, 'another commitment');
SELECT throws_ok(format($$ UPDATE audit.entry SET actor = 'nobody' WHERE id = %s $$, :gone_entry), '42501', NULL, 'who did it');
SELECT throws_ok(format($$ UPDATE audit.entry SET salt = NULL, new = NULL WHERE id = (SELECT id FROM audit.entry WHERE table_name = 'audit.erasure') $$), '42501', NULL, 'a receipt''s own entry');
SELECT throws_ok($$ DELETE FROM audit.entry $$, '42501', NULL, 'a deletion');
SELECT throws_ok(format('UPDATE %s SET new = NULL', (SELECT tableoid::regclass FROM audit.entry LIMIT 1)), '42501', NULL, 'a month by itself');
SELECT throws_ok($$ UPDATE audit.erasure SET entries = '{}' $$, '42501', NULL, 'a receipt');
SELECT throws_ok($$ INSERT INTO audit.entry (table_name, op, new, commitment) VALUES ('x', 'INSERT', '{}', sha256('x')) $$, '23514', NULL, 'an image without its salt');
SELECT throws_ok($$ INSERT INTO audit.entry (table_name, op, new, salt) VALUES ('x', 'INSERT', '{}', sha256('x')) $$, '23514', NULL, 'a salt without a commitment');
RESET ROLE;

-- The ministry lists them still: they come back as new, and can be erased again.
SELECT is(pg_temp.load_all(), '1 0 0 0 0, 1 0 0 0 0, 1 0 0 0 0, 0 0 1 0 0, 0 0 1 0 0', 'who is still listed comes back');
SELECT is_empty('SELECT * FROM audit.unaccounted()', 'with entries');
SELECT is(pg_temp.as_login('t_first', format('SELECT rows FROM registry.preview_erasure(%L) WHERE place = ''audit.entry''', :'s1'))::int >= 1, true, 'which have images');
SELECT isnt(pg_temp.propose('t_second', :'s1'), '', 'they are proposed again');
SELECT is(pg_temp.as_login('t_first', 'SELECT registry.end_erasure((SELECT max(id) FROM registry.erasure))'), '', 'which another may refuse');
SELECT is((SELECT outcome FROM registry.erasure ORDER BY id DESC LIMIT 1), 'refused', 'as is written down');
SELECT pg_temp.propose('t_second', :'s1') \g /dev/null
SELECT is(pg_temp.erase('t_first'), 'true', 'and erased again');

SELECT * FROM finish();
ROLLBACK;
