-- sweeps.sql - what the sweeps found, by programme, ministry and upazila, each beside the sweep before.

CREATE OR REPLACE FUNCTION report.list_sweep(dimension text) RETURNS TABLE (
    code text, name text, enrolments bigint, in_several bigint, in_several_change bigint, queued bigint, queued_change bigint,
    above_limit bigint, above_limit_change bigint, paisa_in_several numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH last AS (SELECT r.id, row_number() OVER (ORDER BY r.id DESC) AS n FROM registry.sweep_run r WHERE r.state = 'finished' ORDER BY r.id DESC LIMIT 2)
    SELECT c.code, coalesce(p.name_en, m.name_en, g.name_en), c.enrolments, c.in_several, c.in_several - b.in_several,
           c.queued, c.queued - b.queued, c.above_limit, c.above_limit - b.above_limit, c.paisa_in_several
    FROM last JOIN registry.sweep_count c ON c.run_id = last.id AND c.dimension = list_sweep.dimension
    LEFT JOIN registry.sweep_count b ON b.dimension = c.dimension AND b.code = c.code AND b.run_id = (SELECT l.id FROM last l WHERE l.n = 2)
    LEFT JOIN registry.programme p ON c.dimension = 'programme' AND p.code = c.code
    LEFT JOIN registry.ministry m ON c.dimension = 'ministry' AND m.code = c.code
    LEFT JOIN registry.geo g ON c.dimension = 'upazila' AND g.code = c.code
    WHERE last.n = 1 ORDER BY c.in_several DESC, c.queued DESC, c.code;
$$;
COMMENT ON FUNCTION report.list_sweep(text) IS 'Rows of report.sweep_programme, sweep_ministry and sweep_upazila; dimension programme, ministry or upazila.';
CREATE OR REPLACE VIEW report.sweep_programme WITH (security_invoker = true) AS SELECT * FROM report.list_sweep('programme');
CREATE OR REPLACE VIEW report.sweep_ministry WITH (security_invoker = true) AS SELECT * FROM report.list_sweep('ministry');
CREATE OR REPLACE VIEW report.sweep_upazila WITH (security_invoker = true) AS SELECT * FROM report.list_sweep('upazila');
COMMENT ON VIEW report.sweep_programme IS 'What the last sweep found by programme, and the change since the one before; the most enrolments of people in several programmes first.';
COMMENT ON VIEW report.sweep_ministry IS 'What the last sweep found by ministry, and the change since the one before.';
COMMENT ON VIEW report.sweep_upazila IS 'What the last sweep found by upazila, and the change since the one before.';
DO $$
DECLARE
    shown text;
    told record;
BEGIN
    FOREACH shown IN ARRAY ARRAY['programme', 'ministry', 'upazila'] LOOP
        FOR told IN SELECT * FROM (VALUES ('code', 'Code.'), ('name', 'English name; null where none is known.'),
                ('enrolments', 'Enrolments.'), ('in_several', 'Those whose person is in two or more programmes.'),
                ('in_several_change', 'More than at the sweep before; null when it had none here.'),
                ('queued', 'Those in a pair that waits for a human.'), ('queued_change', 'More than at the sweep before.'),
                ('above_limit', 'Those whose person breaks a rule.'), ('above_limit_change', 'More than at the sweep before.'),
                ('paisa_in_several', 'Benefit of one payment in paisa of those in several programmes.')) c(name, what) LOOP
            EXECUTE format('COMMENT ON COLUMN report.sweep_%s.%I IS %L', shown, told.name, told.what);
        END LOOP;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION report.list_sweeps() RETURNS TABLE (
    run_id bigint, state text, started_at timestamptz, seconds numeric, scored bigint, matches_new bigint, matches_gone bigint,
    persons bigint, queued bigint, rule_hits bigint, weights_version int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.id, r.state, r.started_at, round(extract(epoch FROM coalesce(r.ended_at, r.touched_at) - r.started_at), 1), r.scored,
           r.matches_new, r.matches_gone, r.persons, r.queued, r.rule_hits, r.weights_version
    FROM registry.sweep_run r ORDER BY r.id DESC;
$$;
COMMENT ON FUNCTION report.list_sweeps() IS 'Rows of report.sweeps, the latest first.';
CREATE OR REPLACE VIEW report.sweeps WITH (security_invoker = true) AS SELECT * FROM report.list_sweeps();
COMMENT ON VIEW report.sweeps IS 'The sweeps, the latest first.';
COMMENT ON COLUMN report.sweeps.run_id IS 'As registry.sweep_run.id.';
COMMENT ON COLUMN report.sweeps.state IS 'running, finished or abandoned.';
COMMENT ON COLUMN report.sweeps.started_at IS 'When it began.';
COMMENT ON COLUMN report.sweeps.seconds IS 'From its begin to its end, or to its last part.';
COMMENT ON COLUMN report.sweeps.scored IS 'Pairs of enrolments compared.';
COMMENT ON COLUMN report.sweeps.matches_new IS 'Matches not known before.';
COMMENT ON COLUMN report.sweeps.matches_gone IS 'Matches that stood no more.';
COMMENT ON COLUMN report.sweeps.persons IS 'Persons at its end.';
COMMENT ON COLUMN report.sweeps.queued IS 'Pairs that waited for a human at its end.';
COMMENT ON COLUMN report.sweeps.rule_hits IS 'Rule hits at its end.';
COMMENT ON COLUMN report.sweeps.weights_version IS 'The weights it scored with.';

CREATE OR REPLACE FUNCTION report.list_waiting() RETURNS TABLE (
    question text, kind text, pairs bigint, programmes numeric, paisa bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT q.question, coalesce(q.kinds[1], 'likeness'), count(*), round(avg(q.programmes), 1), sum(q.paisa)::bigint
    FROM registry.list_queue() q GROUP BY 1, 2
    ORDER BY array_position(ARRAY['changed', 'contradiction', 'probable'], q.question),
             array_position(ARRAY['nid', 'brn', 'account', 'wallet', 'mobile', 'likeness'], coalesce(q.kinds[1], 'likeness'));
$$;
COMMENT ON FUNCTION report.list_waiting() IS 'Rows of report.waiting.';
CREATE OR REPLACE VIEW report.waiting WITH (security_invoker = true) AS SELECT * FROM report.list_waiting();
COMMENT ON VIEW report.waiting IS 'What waits for a human (registry.queue), counted by question and by the strongest evidence of the pair.';
COMMENT ON COLUMN report.waiting.question IS 'As registry.queue.question.';
COMMENT ON COLUMN report.waiting.kind IS 'The strongest evidence in common; likeness: none.';
COMMENT ON COLUMN report.waiting.pairs IS 'Pairs of enrolments.';
COMMENT ON COLUMN report.waiting.programmes IS 'Programmes of both persons together, on average.';
COMMENT ON COLUMN report.waiting.paisa IS 'Benefit of one payment in paisa of both persons of each pair, added up.';
