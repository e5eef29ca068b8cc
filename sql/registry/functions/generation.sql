-- generation.sql - what a whole listing no longer holds. Each page notes the ids it held, in its own transaction and
-- without a version of any unchanged enrolment; at the end of the listing the enrolments that no page held are marked
-- absent. Refuses to conclude from a listing of which a part could not be read, and to lose more than is plausible.

CREATE OR REPLACE FUNCTION etl.begin_generation(source text, run_id bigint, at_start boolean) RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    open bigint;
BEGIN
    IF at_start THEN
        PERFORM etl.drop_generations(source, 'open');
        INSERT INTO etl.generation AS g (source, number, first_run, last_run)
        SELECT begin_generation.source, coalesce(max(x.number), 0) + 1, begin_generation.run_id, begin_generation.run_id
        FROM etl.generation x WHERE x.source = begin_generation.source
        RETURNING g.number INTO open;
    ELSE
        UPDATE etl.generation g SET last_run = begin_generation.run_id
        WHERE g.source = begin_generation.source AND g.state = 'open' RETURNING g.number INTO open;
    END IF;
    RETURN open;
END $$;
COMMENT ON FUNCTION etl.begin_generation(text, bigint, boolean) IS 'Begins a listing at its start, or goes on with the open one; returns its number, null where none is open.';

CREATE OR REPLACE FUNCTION etl.drop_generations(source text, state text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    FOR gone IN UPDATE etl.generation g SET state = 'dropped', ended_at = coalesce(g.ended_at, now())
                WHERE g.source = drop_generations.source AND g.state = drop_generations.state RETURNING g.number LOOP
        DELETE FROM etl.listed l WHERE l.source = drop_generations.source AND l.generation = gone;
    END LOOP;
    IF state = 'held' THEN
        UPDATE etl.run r SET state = 'finished', problem = concat_ws('; ', r.problem, 'a later listing has overtaken the hold')
        WHERE r.source = drop_generations.source AND r.state = 'held' AND r.held_for = 'loss';
    END IF;
END $$;
COMMENT ON FUNCTION etl.drop_generations(text, text) IS 'Forgets the listings of a source that are open, or held; runs that were held on their account count as finished.';

CREATE OR REPLACE FUNCTION etl.begin_anew(run_id bigint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run etl.run := (SELECT r FROM etl.run r WHERE r.id = run_id);
BEGIN
    PERFORM etl.keep_lease(run.source, run.fence, etl.term(run.terms, 'lease', 60));
    UPDATE etl.cursor c SET value = NULL, at = now() WHERE c.source = run.source AND c.run_id = begin_anew.run_id;
    PERFORM etl.drop_generations(run.source, 'open');
END $$;
COMMENT ON FUNCTION etl.begin_anew(bigint) IS 'The pages of this run stood at the wrong positions: the next run begins at the start, and nothing is concluded from this listing. Error 55P03: another session took the lease.';

CREATE OR REPLACE FUNCTION etl.note_listed(run_id bigint, page int, broken boolean) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run record;
BEGIN
    SELECT r.source, r.generation INTO run FROM etl.run r WHERE r.id = run_id;
    IF run.generation IS NULL THEN
        RETURN;
    ELSIF broken THEN
        INSERT INTO etl.listed VALUES (run.source, run.generation, run_id, page, '{}', 0, true);
        RETURN;
    END IF;
    INSERT INTO etl.listed (source, generation, run_id, page, ids, unnamed, broken)
    SELECT run.source, run.generation, note_listed.run_id, note_listed.page,
           -- From the bad records to the enrolments: a join left to the planner, to whom a staging table that is empty looks
           -- large, may go through all enrolments of the source for each page.
           ARRAY(SELECT s.id FROM pg_temp.stage s UNION ALL
                 SELECT k.id FROM pg_temp.stage_bad b CROSS JOIN LATERAL (
                     SELECT e.id FROM registry.enrolment e WHERE e.source = run.source AND e.record_id = b.record_id LIMIT 1) k),
           (SELECT count(*) FROM pg_temp.stage_bad b WHERE b.record_id IS NULL), false;
END $$;
COMMENT ON FUNCTION etl.note_listed(bigint, int, boolean) IS 'Notes which enrolments the staged page of a whole listing held, or that it could not be decoded.';

CREATE OR REPLACE FUNCTION etl.list_vanished(source text, since bigint) RETURNS TABLE (id uuid) LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp SET jit = off SET enable_nestloop = off AS $$
    SELECT e.id FROM (SELECT e.id, e.status FROM registry.enrolment e WHERE e.source = $1 UNION ALL
                      SELECT m.id, m.status FROM registry.household_member m WHERE m.source = $1) e
    WHERE e.status IS DISTINCT FROM 'absent'
      AND NOT EXISTS (SELECT FROM etl.listed l CROSS JOIN LATERAL unnest(l.ids) AS x(id)
                      WHERE l.source = $1 AND l.generation >= $2 AND x.id = e.id);
$$;
COMMENT ON FUNCTION etl.list_vanished(text, bigint) IS 'Enrolments and surveyed members of the source that are not absent and stand in no page of this listing or a later one.';

CREATE OR REPLACE FUNCTION etl.mark_absent(run_id bigint, ids uuid[], purpose text) RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    marked bigint;
    members bigint;
BEGIN
    PERFORM set_config('ekok.source', (SELECT r.source FROM etl.run r WHERE r.id = run_id), true),
            set_config('ekok.run', run_id::text, true), set_config('ekok.page_sha256', '', true),
            set_config('ekok.purpose', purpose, true);
    UPDATE registry.enrolment e SET status = 'absent', row_mac = decode(repeat('00', 16), 'hex'), last_run = mark_absent.run_id,
        changed_at = now()
    WHERE e.id = ANY (ids);
    GET DIAGNOSTICS marked = ROW_COUNT;
    UPDATE registry.household_member m SET status = 'absent', row_mac = decode(repeat('00', 16), 'hex'), last_run = mark_absent.run_id,
        changed_at = now()
    WHERE m.id = ANY (ids);
    GET DIAGNOSTICS members = ROW_COUNT;
    RETURN marked + members;
END $$;
COMMENT ON FUNCTION etl.mark_absent(bigint, uuid[], text) IS 'Marks enrolments, or surveyed members, absent; their MAC becomes all zeros, so that a record that comes again is a changed one. Returns how many.';

CREATE OR REPLACE FUNCTION etl.end_generation(run_id bigint, OUT verdict text, OUT vanished bigint) LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run etl.run := (SELECT r FROM etl.run r WHERE r.id = run_id);
    ids uuid[] := ARRAY(SELECT v.id FROM etl.list_vanished(run.source, run.generation) v);
    present bigint := (SELECT count(*) FROM registry.enrolment e WHERE e.source = run.source AND e.status IS DISTINCT FROM 'absent')
                    + (SELECT count(*) FROM registry.household_member m WHERE m.source = run.source AND m.status IS DISTINCT FROM 'absent');
    unread record;
BEGIN
    SELECT coalesce(bool_or(l.broken), false) AS broken, coalesce(sum(l.unnamed), 0) AS unnamed INTO unread
    FROM etl.listed l WHERE l.source = run.source AND l.generation = run.generation;
    vanished := cardinality(ids);
    verdict := CASE
        WHEN vanished > 0 AND (unread.broken OR unread.unnamed >= vanished) THEN 'uncertain'
        WHEN vanished * 1000 > present * etl.term(run.terms, 'largest_drop', 50) THEN 'held'
        ELSE 'whole' END;
    PERFORM etl.drop_generations(run.source, 'held');
    UPDATE etl.generation g SET state = verdict, known = present, listed = present - end_generation.vanished,
        vanished = end_generation.vanished, unnamed = unread.unnamed, ended_at = now()
    WHERE g.source = run.source AND g.number = run.generation;
    IF verdict = 'whole' AND vanished > 0 THEN
        PERFORM etl.mark_absent(run_id, ids, 'end of a whole listing');
    END IF;
    IF verdict <> 'held' THEN
        DELETE FROM etl.listed l WHERE l.source = run.source AND l.generation = run.generation;
    END IF;
    PERFORM etl.forget_pages(run.source, (SELECT g.first_run FROM etl.generation g
                                          WHERE g.source = run.source AND g.number = run.generation));
END $$;
COMMENT ON FUNCTION etl.end_generation(bigint) IS 'Ends the listing that the run came to the end of. verdict: whole, what vanished is marked; uncertain, what vanished may stand on what could not be read, nothing is marked; held, more than largest_drop permille of the known vanished, nothing is marked until etl.release_run.';

CREATE OR REPLACE FUNCTION etl.release_run(run_id bigint, reason text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run etl.run;
    marked bigint;
BEGIN
    SELECT * INTO run FROM etl.run r WHERE r.id = run_id FOR UPDATE;
    IF NOT FOUND OR run.state <> 'held' THEN
        RAISE 'run % is %', run_id, coalesce(run.state, 'not known') USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Only a held run is released; ekok status shows them. A later listing of the source overtakes a hold.';
    ELSIF octet_length(trim(reason)) BETWEEN 3 AND 500 IS NOT TRUE THEN
        RAISE 'a release needs a reason of 3 to 500 bytes' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Say who at the source confirmed it, and how; no identifiers.';
    END IF;
    IF run.held_for = 'drift' THEN
        INSERT INTO etl.release (run_id, reason, vanished) VALUES (release_run.run_id, trim(release_run.reason), 0);
        UPDATE etl.run r SET state = 'stopped', problem = NULL WHERE r.id = run_id;
        RETURN 0;
    END IF;
    marked := etl.mark_absent(run_id, ARRAY(SELECT v.id FROM etl.list_vanished(run.source, run.generation) v), 'release of a held run');
    INSERT INTO etl.release (run_id, reason, vanished) VALUES (release_run.run_id, trim(release_run.reason), marked);
    UPDATE etl.run r SET state = 'finished', problem = NULL, vanished = marked WHERE r.id = run_id;
    UPDATE etl.generation g SET state = 'released' WHERE g.source = run.source AND g.number = run.generation;
    DELETE FROM etl.listed l WHERE l.source = run.source AND l.generation = run.generation;
    RETURN marked;
END $$;
COMMENT ON FUNCTION etl.release_run(bigint, text) IS 'Lets a held run pass. One held for drift: what drifted is accepted as long as the definition stays the same, and the next run goes on where this one stood. One held for loss: marks absent what its listing, and pages read since, no longer hold; returns how many. reason: 3 to 500 bytes, kept with who released it in etl.release. Errors: 55000 the run is not held, 22023 no reason.';
