-- sweep.sql - the sweep of the whole registry: begun, gone on with, shown while it works. Refuses to run twice at a time:
-- whoever calls while another is at work waits for its part and then goes on with the same sweep, until one of them ends it
-- for all. A second sweep over an unchanged registry writes nothing but its own books (registry.sweep_run, registry.sweep_count).

CREATE OR REPLACE FUNCTION registry.sexes_contradict(one text, other text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(one <> other AND one <> 'unknown' AND other <> 'unknown', false);
COMMENT ON FUNCTION registry.sexes_contradict(text, text) IS 'True only when both are known and differ.';

CREATE OR REPLACE FUNCTION registry.clear_sweep() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part regclass;
BEGIN
    FOR part IN SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'sweep'::regnamespace AND c.relkind = 'r'
                AND c.relname ~ '_[0-9]+$' LOOP
        EXECUTE format('DROP TABLE %s', part);
    END LOOP;
    TRUNCATE sweep.mark, sweep.taken, sweep.candidate, sweep.holders, sweep.record, sweep.scored;
END $$;
COMMENT ON FUNCTION registry.clear_sweep() IS 'Throws the working material of a sweep away.';

CREATE OR REPLACE FUNCTION registry.enter_sweep() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1701539691, hashtext('ekok sweep'));
    PERFORM set_config('ekok.purpose', 'sweep', true), set_config('ekok.source', '', true),
            set_config('ekok.run', '', true), set_config('ekok.page_sha256', '', true);
END $$;
COMMENT ON FUNCTION registry.enter_sweep() IS 'Waits for whoever sweeps, links or decides, and says in the audit what the changes are for.';

-- Goes on with the sweep that is running, from the start when its working material is lost or older than a day.
CREATE OR REPLACE FUNCTION registry.begin_sweep() RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run registry.sweep_run;
BEGIN
    PERFORM registry.enter_sweep();
    SELECT * INTO run FROM registry.sweep_run r WHERE r.state = 'running' FOR UPDATE;
    IF run.id IS NOT NULL AND run.touched_at > clock_timestamp() - interval '1 day'
        AND (run.step, run.part) = (1, 0) OR EXISTS (SELECT FROM sweep.mark m WHERE m.run_id = run.id AND m.step = run.step AND m.part = run.part)
    THEN
        RETURN run.id;
    END IF;
    UPDATE registry.sweep_run r SET state = 'abandoned', ended_at = clock_timestamp() WHERE r.id = run.id;
    PERFORM registry.clear_sweep();
    INSERT INTO registry.sweep_run (weights_version, resumed)
    VALUES ((SELECT w.version FROM registry.active_weights() w), CASE WHEN run.id IS NULL THEN 0 ELSE run.resumed + 1 END)
    RETURNING * INTO run;
    RETURN run.id;
END $$;
COMMENT ON FUNCTION registry.begin_sweep() IS 'Begins a sweep, or finds the one that is running and can be gone on with; returns its number. Then call registry.step_sweep until it says finished, committing in between.';

CREATE OR REPLACE FUNCTION registry.do_part(run registry.sweep_run, step int, part int, parts int) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made bigint := 0;
    told record;
BEGIN
    CASE step
        WHEN 1 THEN PERFORM registry.sweep_keys(part, parts);
        WHEN 2 THEN PERFORM registry.sweep_candidates(part);
        WHEN 3 THEN PERFORM registry.sweep_records();
        WHEN 4 THEN
            made := registry.sweep_scores(run, part, parts);
            UPDATE registry.sweep_run r SET scored = r.scored + made WHERE r.id = run.id;
        WHEN 5 THEN
            SELECT * INTO told FROM registry.sweep_matches(run);
            UPDATE registry.sweep_run r SET matches_new = told.fresh, matches_gone = told.gone WHERE r.id = run.id;
        WHEN 6 THEN PERFORM registry.sweep_members();
        WHEN 7 THEN UPDATE registry.sweep_run r SET rule_hits = registry.sweep_rules() WHERE r.id = run.id;
        WHEN 8 THEN PERFORM registry.close_sweep(run);
    END CASE;
END $$;
COMMENT ON FUNCTION registry.do_part(registry.sweep_run, int, int, int) IS 'Does one part of one step.';

CREATE OR REPLACE FUNCTION registry.step_sweep(run_id bigint, OUT finished boolean, OUT title text, OUT done int, OUT total int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off SET work_mem = '64MB'
    -- A table that is empty when a statement is planned may hold a million rows before it ends: never loop over it.
    SET enable_nestloop = off AS $$
DECLARE
    run registry.sweep_run;
    at record;
BEGIN
    PERFORM registry.enter_sweep();
    SELECT * INTO run FROM registry.sweep_run r WHERE r.id = run_id FOR UPDATE;
    IF run.state = 'finished' THEN      -- by whoever else went on with it
        SELECT true, (array_agg(s.title ORDER BY s.step DESC))[1], sum(s.parts), sum(s.parts) INTO finished, title, done, total
        FROM registry.sweep_steps() s;
        RETURN;
    ELSIF run.state IS DISTINCT FROM 'running' THEN
        RAISE 'sweep % is not running', run_id USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'registry.begin_sweep begins one.';
    END IF;
    SELECT s.* INTO at FROM registry.sweep_steps() s WHERE s.step = run.step;
    IF run.part >= at.parts THEN
        SELECT s.* INTO at FROM registry.sweep_steps() s WHERE s.step = run.step + 1;
        run.part := 0;
    END IF;
    PERFORM registry.do_part(run, at.step, run.part + 1, at.parts);
    UPDATE registry.sweep_run r SET step = at.step, part = run.part + 1, touched_at = clock_timestamp()
    WHERE r.id = run_id;
    SELECT r.state = 'finished' INTO finished FROM registry.sweep_run r WHERE r.id = run_id;
    IF NOT finished THEN
        INSERT INTO sweep.mark VALUES (run_id, at.step, run.part + 1);
    END IF;
    title := at.title;
    SELECT sum(CASE WHEN s.step < at.step THEN s.parts WHEN s.step = at.step THEN run.part + 1 ELSE 0 END), sum(s.parts)
    INTO done, total FROM registry.sweep_steps() s;
END $$;
COMMENT ON FUNCTION registry.step_sweep(bigint) IS 'Does the next part of a sweep, in the caller''s transaction. finished: it was the last, or another session has ended the sweep meanwhile, and nothing is done; title: of its step; done of total: parts. Error 55000 when that sweep was abandoned or never was.';

CREATE OR REPLACE FUNCTION registry.sweep(OUT matches_new bigint, OUT persons bigint, OUT rule_hits bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run bigint := registry.begin_sweep();
BEGIN
    WHILE NOT (SELECT s.finished FROM registry.step_sweep(run) s) LOOP
    END LOOP;
    SELECT r.matches_new, r.persons, r.rule_hits INTO matches_new, persons, rule_hits FROM registry.sweep_run r WHERE r.id = run;
END $$;
COMMENT ON FUNCTION registry.sweep() IS 'The whole sweep in one transaction. matches_new: pairs of enrolments found by this sweep; persons and rule_hits: how many stand after it. A second one over an unchanged registry writes nothing but its books. For a large registry: ekok sweep, which shows how far it is.';

CREATE OR REPLACE VIEW registry.sweep_progress WITH (security_invoker = true) AS
SELECT r.id AS run_id, r.state, s.title AS step, r.part AS part_done, s.parts, round(100.0 * d.done / d.total)::int AS percent,
       r.started_at, r.touched_at, r.ended_at, r.resumed, r.scored
FROM registry.sweep_run r
JOIN registry.sweep_steps() s ON s.step = r.step
CROSS JOIN LATERAL (SELECT sum(CASE WHEN x.step < r.step THEN x.parts WHEN x.step = r.step THEN r.part ELSE 0 END) AS done,
                           sum(x.parts) AS total FROM registry.sweep_steps() x) d
ORDER BY r.id DESC LIMIT 1;
COMMENT ON VIEW registry.sweep_progress IS 'How far the latest sweep is, readable while it works.';
COMMENT ON COLUMN registry.sweep_progress.run_id IS 'The sweep (registry.sweep_run).';
COMMENT ON COLUMN registry.sweep_progress.state IS 'running, finished or abandoned.';
COMMENT ON COLUMN registry.sweep_progress.step IS 'Step of its last part.';
COMMENT ON COLUMN registry.sweep_progress.part_done IS 'Parts of that step that are done.';
COMMENT ON COLUMN registry.sweep_progress.parts IS 'Parts of that step.';
COMMENT ON COLUMN registry.sweep_progress.percent IS 'Parts done of all parts, 0 to 100; parts take different times.';
COMMENT ON COLUMN registry.sweep_progress.started_at IS 'When it began.';
COMMENT ON COLUMN registry.sweep_progress.touched_at IS 'When its last part ended.';
COMMENT ON COLUMN registry.sweep_progress.ended_at IS 'When it ended; null while running.';
COMMENT ON COLUMN registry.sweep_progress.resumed IS 'How often it was begun anew after its working material was lost.';
COMMENT ON COLUMN registry.sweep_progress.scored IS 'Pairs of enrolments scored so far.';
