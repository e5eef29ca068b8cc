-- rule_model.sql - the rules of the registry against a naive model of them. Random histories of enrolments, changes of status
-- and departures, a row at a time; the model says of each what the whole registry would look like after it, by plain SQL over all
-- rows, and must agree with what the triggers did: refuse what would take part in a breach, and nothing else.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
\ir helper/rule.psql
SET LOCAL jit = off;
SELECT plan(4);
SELECT setseed(0.42);
SELECT pg_temp.rule('m-two-cash', '{"kind": "max programmes", "limit": 2}') \g /dev/null
SELECT pg_temp.rule('m-no-kind', '{"kind": "max programmes", "benefit": "workfare", "limit": 0}') \g /dev/null
SELECT pg_temp.rule('m-apart', '{"kind": "excluded combination", "benefit": null, "programmes": ["OAA"], "not_with": ["WDA", "VWB"]}') \g /dev/null
SELECT pg_temp.rule('m-wallet', '{"kind": "max per evidence", "evidence": "wallet", "counted": "enrolments", "limit": 3, "benefit": "any"}') \g /dev/null
SELECT pg_temp.rule('m-names', '{"kind": "max per evidence", "evidence": "mobile", "counted": "names", "limit": 2, "benefit": "cash"}') \g /dev/null
SELECT pg_temp.rule('m-house', '{"kind": "max per household", "counted": "programmes", "limit": 2, "benefit": "any"}') \g /dev/null

-- The model: persons are the components of enrolments over equal tokens, found by spreading the smallest number.
CREATE TEMP TABLE model (record text PRIMARY KEY, programme text, benefit text, nid text, brn text, wallet text, mobile text, house text, name text, active boolean);
-- How many rules the record takes part in breaking.
CREATE FUNCTION pg_temp.broken(mine text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    broken bigint;
BEGIN
    DROP TABLE IF EXISTS pg_temp.part;
    CREATE TEMP TABLE part AS SELECT record, row_number() OVER () AS person FROM model;
    LOOP
        UPDATE part p SET person = low.person FROM (
            SELECT x.record, min(q.person) AS person FROM model x JOIN model y ON x.nid = y.nid OR x.brn = y.brn
            JOIN part q ON q.record = y.record GROUP BY x.record) low
        WHERE low.record = p.record AND low.person < p.person;
        EXIT WHEN NOT FOUND;
    END LOOP;
    WITH d AS (SELECT m.*, p.person FROM model m JOIN part p USING (record) WHERE active)
    SELECT count(*) INTO broken FROM (
        SELECT 1 FROM d WHERE benefit = 'cash' GROUP BY person HAVING count(DISTINCT programme) > 2 AND bool_or(record = mine)
        UNION ALL SELECT 1 FROM d WHERE benefit = 'workfare' AND record = mine
        UNION ALL SELECT 1 FROM d a JOIN d b USING (person) WHERE a.programme = 'OAA' AND b.programme IN ('WDA', 'VWB') AND mine IN (a.record, b.record)
        UNION ALL SELECT 1 FROM d WHERE wallet IS NOT NULL GROUP BY wallet HAVING count(*) > 3 AND bool_or(record = mine)
        UNION ALL SELECT 1 FROM d WHERE mobile IS NOT NULL AND benefit = 'cash' GROUP BY mobile HAVING count(DISTINCT name) > 2 AND bool_or(record = mine)
        UNION ALL SELECT 1 FROM d WHERE house IS NOT NULL GROUP BY house HAVING count(DISTINCT programme) > 2 AND bool_or(record = mine)) b;
    RETURN broken;
END $$;
CREATE FUNCTION pg_temp.word(letter text, kinds int, sparse float) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN random() < sparse THEN letter || (random() * kinds)::int END $$;

-- One step of a history; whether the model and the registry agree.
CREATE TEMP TABLE story (n int, what text, model boolean, registry boolean);
CREATE FUNCTION pg_temp.step(n int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    kind float := random();
    m model;
    allowed boolean;
    done boolean := true;
BEGIN
    IF kind < 0.7 THEN
        SELECT 'r' || n, p.code, p.benefit, pg_temp.word('n', 12, 0.7), pg_temp.word('b', 12, 0.3), pg_temp.word('w', 8, 0.4),
               pg_temp.word('m', 8, 0.4), pg_temp.word('h', 8, 0.3), (ARRAY['Rahima Khatun', 'Abul Hossain', 'Jamal Uddin'])[1 + random() * 2.99], random() < 0.9
        INTO m FROM registry.programme p WHERE p.code IN ('OAA', 'WDA', 'DIS', 'VWB', 'MCB', 'EGP') ORDER BY random() LIMIT 1;
        INSERT INTO model SELECT m.*;
    ELSE
        SELECT x.* INTO m FROM model x ORDER BY random() LIMIT 1;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        UPDATE model x SET active = NOT x.active WHERE x.record = m.record;
    END IF;
    allowed := pg_temp.broken(m.record) = 0;
    BEGIN
        IF kind < 0.7 THEN
            PERFORM pg_temp.enrol(m.record, m.programme, jsonb_strip_nulls(jsonb_build_object('nid', m.nid, 'brn', m.brn, 'wallet', m.wallet,
                'mobile', m.mobile, 'household', m.house, 'name_en', m.name, 'status', CASE WHEN m.active THEN 'active' ELSE 'inactive' END)));
        ELSE
            UPDATE registry.enrolment e SET status = CASE WHEN m.active THEN 'inactive' END WHERE e.record_id = m.record;
        END IF;
    EXCEPTION WHEN SQLSTATE 'EK001' THEN
        done := false;
    END;
    INSERT INTO story VALUES (n, m::text, allowed, done);
    IF NOT done THEN
        DELETE FROM model x WHERE x.record = m.record;
        INSERT INTO model SELECT m.* WHERE kind >= 0.7;
    END IF;
END $$;
DO $$ BEGIN PERFORM pg_temp.step(n) FROM generate_series(1, 250) n; END $$;
SELECT is_empty('SELECT * FROM story WHERE model <> registry', 'the registry refuses what the model forbids, and nothing else');
SELECT ok((SELECT count(*) FILTER (WHERE NOT model) BETWEEN 40 AND 210 FROM story), 'both happen often');
SELECT registry.sweep() \g /dev/null
-- What a third enrolment ties together later may be above a limit on persons: that is for the sweep to report.
SELECT is_empty($$ SELECT * FROM registry.rule_hit WHERE rule IN ('m-no-kind', 'm-wallet', 'm-names', 'm-house') $$, 'rules on one piece of evidence are not broken in the end');
SELECT set_eq($$ SELECT rule, person_id FROM registry.rule_hit WHERE rule IN ('m-two-cash', 'm-apart') $$,
    $$ SELECT r.code, m.person_id FROM registry.rule r CROSS JOIN registry.enrolment e JOIN registry.membership m ON m.enrolment_id = e.id
       JOIN registry.programme p ON p.code = e.programme
       WHERE r.code IN ('m-two-cash', 'm-apart') AND registry.draws(e) GROUP BY r.code, m.person_id
       HAVING CASE r.code WHEN 'm-two-cash' THEN count(DISTINCT e.programme) FILTER (WHERE p.benefit = 'cash') > 2
              ELSE bool_or(e.programme = 'OAA') AND bool_or(e.programme IN ('WDA', 'VWB')) END $$, 'and the sweep finds whoever is above');

SELECT * FROM finish();
ROLLBACK;
