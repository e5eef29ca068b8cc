-- refusal.sql - what the limit of cash programmes would do if it refused: over a swept registry it is proposed, looked at, put
-- into force by a second person (whom rule.sql made), and meets one page that would go beyond it. All of it is rolled back.
SET client_min_messages = warning;
\pset footer off
\pset border 0
BEGIN;
\ir ../pgtap/helper/page.psql
SELECT registry.propose_rule('max-cash-refused', '{"kind": "max programmes", "benefit": "cash", "limit": 2, "mode": "refuse",
    "source": "demo", "confidence": "assumed", "valid_from": "2023-07-01"}', 'max-cash-programmes') \g /dev/null
\echo
\echo 'If a third cash programme were refused (registry.preview_rule)'
\echo
SELECT cardinality(programmes) AS "programmes", count(*) AS "people", count(*) FILTER (WHERE newly) AS "newly affected"
FROM registry.preview_rule('max-cash-refused') GROUP BY 1 ORDER BY 1 DESC;
SELECT count(*) AS newly FROM registry.preview_rule('max-cash-refused') WHERE newly \gset
SET SESSION AUTHORIZATION demo_second;
SELECT registry.activate_rule('max-cash-refused', :newly) \g /dev/null
RESET SESSION AUTHORIZATION;
\echo 'Activated by a second person. Who draws from three already is only reported.'

-- Somebody in two cash programmes, and a third that he is not in.
SELECT e.id AS known, w.source, w.programme
FROM registry.enrolment e JOIN registry.membership m ON m.enrolment_id = e.id
JOIN etl.source_programme w ON w.source <> e.source JOIN registry.programme p ON p.code = w.programme AND p.benefit = 'cash'
WHERE e.nid_digits = 10
  AND (SELECT count(DISTINCT o.programme) FROM registry.membership n JOIN registry.enrolment o ON o.id = n.enrolment_id
       JOIN registry.programme q ON q.code = o.programme AND q.benefit = 'cash'
       WHERE n.person_id = m.person_id AND o.status = 'active') = 2
  AND NOT EXISTS (SELECT FROM registry.membership n JOIN registry.enrolment o ON o.id = n.enrolment_id
                  WHERE n.person_id = m.person_id AND o.programme = w.programme)
ORDER BY e.id, w.source, w.programme LIMIT 1 \gset
SELECT pg_temp.open(:'source') AS run \gset
SELECT pg_temp.give(:'source', 'demo-third', :'programme', '{"nid": "x"}') \g /dev/null
UPDATE stage s SET nid_token = e.nid_token, nid_digits = e.nid_digits, name_en = e.name_en, name_bn = e.name_bn, sex = e.sex,
    birth_date = e.birth_date FROM registry.enrolment e WHERE e.id = :'known';
SELECT pg_temp.merge(:run) AS told \gset
\echo
\echo 'One page with a third cash programme for somebody who has two'
\echo
SELECT q.disposition AS "record", x.reason ->> 'reason' AS "rule", x.reason ->> 'detail' AS "why"
FROM etl.quarantine q CROSS JOIN LATERAL jsonb_array_elements(q.reasons) AS x(reason) WHERE q.first_run = :run;
\echo 'The record is kept with its reason; an exception that ends can let it in.'
ROLLBACK;
