-- run.sql - opens and closes runs and keeps broken pages. One session at a time pulls a source (lease.sql), and each page
-- is checked against the fence under which its run was opened. Refuses a run of an unknown or held source.

CREATE OR REPLACE FUNCTION etl.check_source(source text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    state text := (SELECT s.state FROM etl.source s WHERE s.code = check_source.source);
BEGIN
    IF state IS NULL THEN
        RAISE 'source "%" is not known', source USING ERRCODE = 'no_data_found',
            HINT = format('Known sources: %s. A new one is added to etl.source and etl.source_programme.',
                          (SELECT string_agg(s.code, ', ' ORDER BY s.code) FROM etl.source s));
    ELSIF state <> 'active' THEN
        RAISE 'source "%" is %', source, state USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Set etl.source.state to active before it is pulled again.';
    END IF;
END $$;
COMMENT ON FUNCTION etl.check_source(text) IS 'Errors: P0002 unknown source, 55000 held or retired.';

CREATE OR REPLACE FUNCTION etl.list_accepted(source text, contract_sha256 bytea) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN -- In PL/pgSQL, as what else a run is opened with, for the sake of its plan, which is kept for the session.
    RETURN (SELECT coalesce(string_agg(DISTINCT d, E'\n'), '') FROM etl.release l JOIN etl.run r ON r.id = l.run_id CROSS JOIN unnest(r.drift) d
            WHERE r.source = $1 AND r.contract_sha256 = $2);
END $$;
COMMENT ON FUNCTION etl.list_accepted(text, bytea) IS 'Drift of the source that operators released under this definition, as in etl.run.drift, a line each.';

CREATE OR REPLACE FUNCTION etl.open_run(source text, contract_sha256 bytea, definition text, terms jsonb DEFAULT '{}',
                                        OUT run_id bigint, OUT cursor text, OUT resumed boolean, OUT accepted text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    number bigint;
BEGIN
    PERFORM etl.check_source(source);
    number := etl.take_lease(source, etl.term(terms, 'lease', 60));
    IF NOT EXISTS (SELECT FROM etl.contract c WHERE c.source = open_run.source AND c.sha256 = open_run.contract_sha256) THEN
        INSERT INTO etl.contract AS c (source, sha256, definition)
        VALUES (open_run.source, open_run.contract_sha256, open_run.definition)
        ON CONFLICT ON CONSTRAINT contract_pkey DO NOTHING;
    END IF;
    UPDATE etl.run r SET state = 'aborted', ended_at = etl.clock(), problem = 'found open by a later run'
    WHERE r.source = open_run.source AND r.state = 'running';
    UPDATE etl.run r SET state = 'stopped', problem = concat_ws('; ', r.problem, 'a later run has overtaken the hold')
    WHERE r.source = open_run.source AND r.state = 'held' AND r.held_for = 'drift';
    accepted := etl.list_accepted(open_run.source, open_run.contract_sha256);
    SELECT c.value INTO cursor FROM etl.cursor c WHERE c.source = open_run.source;
    resumed := cursor IS NOT NULL AND (SELECT r.state <> 'finished' FROM etl.run r
                                       WHERE r.source = open_run.source AND r.kind = 'pull'
                                       ORDER BY r.id DESC LIMIT 1);
    INSERT INTO etl.run AS r (source, contract_sha256, resumed_from, fence, terms, started_at)
    VALUES (open_run.source, open_run.contract_sha256, open_run.cursor, number, open_run.terms, etl.clock()) RETURNING r.id INTO run_id;
    IF (terms ->> 'whole')::boolean THEN
        UPDATE etl.run r SET generation = etl.begin_generation(open_run.source, open_run.run_id, open_run.cursor IS NULL)
        WHERE r.id = open_run.run_id;
    END IF;
END $$;
COMMENT ON FUNCTION etl.open_run(text, bytea, text, jsonb) IS 'Takes the source''s lease and opens a run; a run left running is marked aborted. contract_sha256: 32 bytes, definition: its text, kept when new; terms: as etl.run.terms. cursor: where to go on, null at the start; resumed: the run before did not finish; accepted: drift that was released under this definition, a line each. A run that is held for drift is overtaken. Errors as etl.check_source and etl.take_lease.';

CREATE OR REPLACE FUNCTION etl.enter_page(run_id bigint, page int, page_sha256 bytea) RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run record;
BEGIN
    SELECT r.source, r.state, r.pages, r.fence, r.terms INTO run FROM etl.run r WHERE r.id = run_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE 'run % does not exist', run_id USING ERRCODE = 'no_data_found', HINT = 'Open a run with etl.open_run.';
    ELSIF run.state <> 'running' THEN
        RAISE 'run % is %, not running', run_id, run.state
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Open a new run with etl.open_run.';
    ELSIF page IS DISTINCT FROM run.pages + 1 THEN
        RAISE 'page % of run % does not follow page %', page, run_id, run.pages
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'A page is merged once, in order; go on from etl.cursor.';
    END IF;
    PERFORM etl.keep_lease(run.source, run.fence, etl.term(run.terms, 'lease', 60));
    PERFORM set_config('ekok.source', run.source, true), set_config('ekok.run', run_id::text, true),
            set_config('ekok.page_sha256', encode(page_sha256, 'hex'), true),
            set_config('ekok.purpose', 'ingestion', true);
    RETURN run.source;
END $$;
COMMENT ON FUNCTION etl.enter_page(bigint, int, bytea) IS 'Locks the run, checks that the page is its next one and that the source''s lease is still its own, renews the lease, sets the audit''s context for this transaction and returns the source. Errors: P0002 no such run, 55000 not running or not the next page, 55P03 another session took the lease.';

CREATE OR REPLACE FUNCTION etl.keep_cursor(source text, next_cursor text, run_id bigint, page int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN -- In PL/pgSQL for the sake of its plan, which is kept for the session.
    INSERT INTO etl.cursor AS c (source, value, run_id, page) VALUES ($1, $2, $3, $4)
    ON CONFLICT ON CONSTRAINT cursor_pkey
    DO UPDATE SET value = excluded.value, run_id = excluded.run_id, page = excluded.page, at = now();
END $$;
COMMENT ON FUNCTION etl.keep_cursor(text, text, bigint, int) IS 'Moves the source''s cursor; next_cursor null: the next run begins at the start.';

CREATE OR REPLACE FUNCTION etl.keep_page(run_id bigint, page int, next_cursor text, page_sha256 bytea, page_bytes bigint,
                                         sealed bytea, problem text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    origin text := etl.enter_page(run_id, page, page_sha256);
BEGIN
    INSERT INTO etl.page (run_id, number, sha256, bytes, rows, state, problem, kept)
    VALUES (keep_page.run_id, keep_page.page, page_sha256, page_bytes, 0, 'broken', keep_page.problem, sealed);
    PERFORM etl.keep_cursor(origin, next_cursor, run_id, page);
    PERFORM etl.note_listed(run_id, page, true);
    UPDATE etl.run r SET pages = r.pages + 1, broken_pages = r.broken_pages + 1 WHERE r.id = keep_page.run_id;
END $$;
COMMENT ON FUNCTION etl.keep_page(bigint, int, text, bytea, bigint, bytea, text) IS 'Keeps a page that could not be decoded: its sealed bytes (null when too large to keep) and why, without identifiers; moves the cursor past it. page_sha256: 32 bytes; page_bytes: its size. Errors as etl.enter_page; 23514 when problem is null.';

CREATE OR REPLACE FUNCTION etl.lock_run(run_id bigint) RETURNS etl.run LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run etl.run;
BEGIN
    SELECT * INTO run FROM etl.run r WHERE r.id = run_id FOR UPDATE;
    IF NOT FOUND OR run.state <> 'running' THEN
        RAISE 'run % is not running', run_id USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'It was closed before, or marked aborted by a later run.';
    END IF;
    PERFORM etl.keep_lease(run.source, run.fence, etl.term(run.terms, 'lease', 60));
    RETURN run;
END $$;
COMMENT ON FUNCTION etl.lock_run(bigint) IS 'A running run, locked to the end of the transaction, its lease renewed. Errors: 55000 it is not running, 55P03 another session took the lease.';

CREATE OR REPLACE FUNCTION etl.close_run(run_id bigint, state text, problem text, retry_after int DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run etl.run;
    verdict text;
    gone bigint := 0;
    ended_as text := state;
BEGIN
    IF (state IN ('finished', 'stopped', 'failed')) IS NOT TRUE THEN
        RAISE 'a run cannot be closed as "%"', state
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Accepted: finished, stopped, failed.';
    END IF;
    run := etl.lock_run(run_id);
    IF state = 'finished' AND run.kind = 'pull' THEN
        PERFORM etl.note_success(run.source);
    ELSIF state = 'failed' AND retry_after IS NOT NULL THEN
        PERFORM etl.note_failure(run.source, run.terms, problem, retry_after);
    END IF;
    IF state = 'finished' AND run.generation IS NOT NULL THEN
        SELECT g.verdict, g.vanished INTO verdict, gone FROM etl.end_generation(run_id) g;
        IF verdict = 'held' THEN
            ended_as := 'held';
            problem := concat_ws('; ', problem, format('%s enrolments vanished from the listing, more than is plausible: ekok run release %s --reason TEXT marks them absent', gone, run_id));
        ELSIF verdict = 'uncertain' THEN
            problem := concat_ws('; ', problem, format('%s enrolments are not in the listing, and a part of it could not be read: none is marked absent', gone));
        END IF;
    END IF;
    UPDATE etl.run r SET state = ended_as, problem = close_run.problem, ended_at = etl.clock(), vanished = gone,
        held_for = CASE WHEN ended_as = 'held' THEN 'loss' END
    WHERE r.id = run_id;
    PERFORM etl.give_lease(run.source);
    RETURN ended_as;
END $$;
COMMENT ON FUNCTION etl.close_run(bigint, text, text, int) IS 'Closes a run as finished, stopped or failed, ends its listing, and gives the source''s lease back; returns the state in which it ended, which is held where too much vanished (etl.end_generation). problem: what went wrong, without identifiers, or null. retry_after: a failure was the source''s own (0, or the seconds it asked to be left alone); null: it was not. Errors: 22023 another state, 55000 the run is not running, 55P03 another session took the lease.';

CREATE OR REPLACE FUNCTION etl.hold_run(run_id bigint, problem text, drift text[]) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run etl.run := etl.lock_run(run_id);
BEGIN
    IF cardinality(drift) > 0 IS NOT TRUE THEN
        RAISE 'no drift is named' USING ERRCODE = 'invalid_parameter_value', HINT = 'What is held must be released by name.';
    END IF;
    UPDATE etl.run r SET state = 'held', held_for = 'drift', drift = hold_run.drift, ended_at = etl.clock(),
        problem = format('%s; ekok run release %s --reason TEXT accepts it', hold_run.problem, run_id)
    WHERE r.id = run_id;
    PERFORM etl.note_success(run.source);
    PERFORM etl.give_lease(run.source);
END $$;
COMMENT ON FUNCTION etl.hold_run(bigint, text, text[]) IS 'Closes a run as held for drift: its last page broke the contract, nothing of it was taken, and the cursor stands before it. problem: what drifted, in words; drift: as etl.run.drift. The source answered, so its breaker closes. Errors: 22023 no drift, as etl.lock_run.';

CREATE OR REPLACE FUNCTION etl.pause_run(run_id bigint, waits_for text, problem text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run etl.run := etl.lock_run(run_id);
BEGIN
    UPDATE etl.run r SET state = 'stopped', waits_for = pause_run.waits_for, problem = pause_run.problem, ended_at = etl.clock()
    WHERE r.id = run_id;
    PERFORM etl.give_lease(run.source);
END $$;
COMMENT ON FUNCTION etl.pause_run(bigint, text, text) IS 'Closes a run as stopped until quota or hours come; the cursor stands behind its last page. Errors: 23514 another word, as etl.lock_run.';
