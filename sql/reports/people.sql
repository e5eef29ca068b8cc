-- people.sql - who draws from several programmes, counted. Counts are of persons as of the last sweep and of all their
-- enrolments, whatever the status, but for report.above_limit, which counts as the rule says.

CREATE OR REPLACE FUNCTION report.list_programmes_overlap() RETURNS TABLE (
    programme_a text, name_a text, programme_b text, name_b text, persons bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET work_mem = '64MB' AS $$
    WITH drawn AS MATERIALIZED (
        SELECT DISTINCT m.person_id, e.programme FROM registry.membership m JOIN registry.enrolment e ON e.id = m.enrolment_id)
    SELECT x.programme, a.name_en, y.programme, b.name_en, count(*)
    FROM drawn x JOIN drawn y ON y.person_id = x.person_id AND x.programme < y.programme
    JOIN registry.programme a ON a.code = x.programme JOIN registry.programme b ON b.code = y.programme
    GROUP BY x.programme, a.name_en, y.programme, b.name_en
    ORDER BY count(*) DESC, x.programme, y.programme;
$$;
COMMENT ON FUNCTION report.list_programmes_overlap() IS 'Rows of report.programmes_overlap, most frequent first.';

CREATE OR REPLACE VIEW report.programmes_overlap WITH (security_invoker = true) AS SELECT * FROM report.list_programmes_overlap();
COMMENT ON VIEW report.programmes_overlap IS 'Pairs of programmes and how many persons draw from both, most frequent first.';
COMMENT ON COLUMN report.programmes_overlap.programme_a IS 'Code of one programme, the first by alphabet.';
COMMENT ON COLUMN report.programmes_overlap.name_a IS 'Its English name.';
COMMENT ON COLUMN report.programmes_overlap.programme_b IS 'Code of the other programme.';
COMMENT ON COLUMN report.programmes_overlap.name_b IS 'Its English name.';
COMMENT ON COLUMN report.programmes_overlap.persons IS 'Persons enrolled in both.';

CREATE OR REPLACE FUNCTION report.list_people_by_evidence() RETURNS TABLE (
    kind text, state text, pairs bigint, enrolments bigint, people bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET work_mem = '64MB' AS $$
    WITH crossing AS MATERIALIZED (
        SELECT coalesce(t.kinds[1], 'likeness') AS kind, t.state, t.a, t.b, x.person_id AS person_a, y.person_id AS person_b
        FROM registry.match t
        JOIN registry.enrolment p ON p.id = t.a JOIN registry.enrolment q ON q.id = t.b AND q.programme <> p.programme
        JOIN registry.membership x ON x.enrolment_id = t.a JOIN registry.membership y ON y.enrolment_id = t.b)
    SELECT c.kind, c.state, count(DISTINCT (c.a, c.b)), count(DISTINCT s.enrolment), count(DISTINCT s.person)
    FROM crossing c CROSS JOIN LATERAL (VALUES (c.a, c.person_a), (c.b, c.person_b)) AS s(enrolment, person)
    GROUP BY c.kind, c.state
    ORDER BY array_position(ARRAY['certain', 'probable', 'refuted', 'shared'], c.state),
             array_position(ARRAY['nid', 'brn', 'account', 'wallet', 'mobile', 'likeness'], c.kind);
$$;
COMMENT ON FUNCTION report.list_people_by_evidence() IS 'Rows of report.people_by_evidence, the strongest evidence first.';

CREATE OR REPLACE VIEW report.people_by_evidence WITH (security_invoker = true) AS SELECT * FROM report.list_people_by_evidence();
COMMENT ON VIEW report.people_by_evidence IS 'What ties enrolments of two different programmes, by the strongest evidence of each pair and by what it means. One person can stand in several rows.';
COMMENT ON COLUMN report.people_by_evidence.kind IS 'nid, brn, account, wallet, mobile; likeness: no number in common, names, dates and places are alike.';
COMMENT ON COLUMN report.people_by_evidence.state IS 'certain, probable, refuted or shared: see registry.match.';
COMMENT ON COLUMN report.people_by_evidence.pairs IS 'Pairs of enrolments in two programmes that share such evidence.';
COMMENT ON COLUMN report.people_by_evidence.enrolments IS 'Enrolments in those pairs.';
COMMENT ON COLUMN report.people_by_evidence.people IS 'Persons in those pairs: for certain matches, people in two or more programmes; else people who share with someone in another programme, or are that someone.';

CREATE OR REPLACE FUNCTION report.list_above_limit() RETURNS TABLE (
    rule text, benefit text, "limit" int, person_id uuid, programmes text[], programme_count int, mode text, found_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT h.rule, r.benefit, r."limit", h.person_id, h.programmes, cardinality(h.programmes), r.mode, h.found_at
    FROM registry.rule_hit h JOIN registry.rule r ON r.code = h.rule
    ORDER BY h.rule, cardinality(h.programmes) DESC, h.person_id;
$$;
COMMENT ON FUNCTION report.list_above_limit() IS 'Rows of report.above_limit, the most programmes first.';

CREATE OR REPLACE VIEW report.above_limit WITH (security_invoker = true) AS SELECT * FROM report.list_above_limit();
COMMENT ON VIEW report.above_limit IS 'Persons that break a rule as of the last sweep, the most programmes first.';
COMMENT ON COLUMN report.above_limit.rule IS 'The rule (registry.rule).';
COMMENT ON COLUMN report.above_limit.benefit IS 'The benefit it counts: cash, in kind or workfare.';
COMMENT ON COLUMN report.above_limit."limit" IS 'Highest number of programmes it allows.';
COMMENT ON COLUMN report.above_limit.person_id IS 'The person.';
COMMENT ON COLUMN report.above_limit.programmes IS 'Codes of the active programmes counted, sorted.';
COMMENT ON COLUMN report.above_limit.programme_count IS 'How many they are.';
COMMENT ON COLUMN report.above_limit.mode IS 'What the rule does: report, hold or refuse.';
COMMENT ON COLUMN report.above_limit.found_at IS 'When the sweep first found it.';
