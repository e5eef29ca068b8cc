-- run.sql - opens and closes runs and keeps broken pages. One session at a time pulls a source: the lease is a session
-- advisory lock, so it ends with the session however that ends. Refuses a run of an unknown or held source.

CREATE OR REPLACE FUNCTION etl.lease_key(source text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN hashtext('ekok source ' || source);
COMMENT ON FUNCTION etl.lease_key(text) IS 'Second half of the advisory lock that is the lease of a source; the first half is 1701539691 ("ekok"). Two sources with one key would only wait for each other.';

CREATE OR REPLACE FUNCTION etl.holds_lease(source text) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM pg_locks l
                   WHERE l.locktype = 'advisory' AND l.pid = pg_backend_pid() AND l.granted AND l.objsubid = 2
                     AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                     AND l.classid::bigint = 1701539691
                     AND l.objid::bigint = etl.lease_key(source)::bigint & 4294967295);
$$;
COMMENT ON FUNCTION etl.holds_lease(text) IS 'Whether this very session holds the lease of the source.';

CREATE OR REPLACE FUNCTION etl.take_lease(source text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    state text := (SELECT s.state FROM etl.source s WHERE s.code = take_lease.source);
BEGIN
    IF state IS NULL THEN
        RAISE 'source "%" is not known', source USING ERRCODE = 'no_data_found',
            HINT = format('Known sources: %s. A new one is added to etl.source and etl.source_programme.',
                          (SELECT string_agg(s.code, ', ' ORDER BY s.code) FROM etl.source s));
    ELSIF state <> 'active' THEN
        RAISE 'source "%" is %', source, state USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Set etl.source.state to active before it is pulled again.';
    END IF;
    IF NOT etl.holds_lease(source) AND NOT pg_try_advisory_lock(1701539691, etl.lease_key(source)) THEN
        RAISE 'source "%" is being pulled by another session', source USING ERRCODE = 'lock_not_available',
            HINT = 'Wait for that run to end, or end its session.';
    END IF;
END $$;
COMMENT ON FUNCTION etl.take_lease(text) IS 'Takes the lease of a source for this session, once. Errors: P0002 unknown source, 55000 held or retired, 55P03 pulled by another session.';

CREATE OR REPLACE FUNCTION etl.open_run(source text, contract_sha256 bytea, definition text,
                                        OUT run_id bigint, OUT cursor text, OUT resumed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM etl.take_lease(source);
    INSERT INTO etl.contract AS c (source, sha256, definition)
    VALUES (open_run.source, open_run.contract_sha256, open_run.definition)
    ON CONFLICT ON CONSTRAINT contract_pkey DO NOTHING;
    UPDATE etl.run r SET state = 'aborted', ended_at = now(), problem = 'found open by a later run'
    WHERE r.source = open_run.source AND r.state = 'running';
    SELECT c.value INTO cursor FROM etl.cursor c WHERE c.source = open_run.source;
    resumed := cursor IS NOT NULL AND (SELECT r.state <> 'finished' FROM etl.run r
                                       WHERE r.source = open_run.source AND r.kind = 'pull'
                                       ORDER BY r.id DESC LIMIT 1);
    INSERT INTO etl.run AS r (source, contract_sha256, resumed_from)
    VALUES (open_run.source, open_run.contract_sha256, open_run.cursor) RETURNING r.id INTO run_id;
END $$;
COMMENT ON FUNCTION etl.open_run(text, bytea, text) IS 'Takes the source''s lease and opens a run; a run left running is marked aborted. contract_sha256: 32 bytes, definition: its text, kept when new. cursor: where to go on, null at the start; resumed: the run before did not finish. Errors as etl.take_lease.';

CREATE OR REPLACE FUNCTION etl.enter_page(run_id bigint, page int, page_sha256 bytea) RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run record;
BEGIN
    SELECT r.source, r.state, r.pages INTO run FROM etl.run r WHERE r.id = run_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE 'run % does not exist', run_id USING ERRCODE = 'no_data_found', HINT = 'Open a run with etl.open_run.';
    ELSIF run.state <> 'running' THEN
        RAISE 'run % is %, not running', run_id, run.state
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Open a new run with etl.open_run.';
    ELSIF page IS DISTINCT FROM run.pages + 1 THEN
        RAISE 'page % of run % does not follow page %', page, run_id, run.pages
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'A page is merged once, in order; go on from etl.cursor.';
    END IF;
    PERFORM set_config('ekok.source', run.source, true), set_config('ekok.run', run_id::text, true),
            set_config('ekok.page_sha256', encode(page_sha256, 'hex'), true),
            set_config('ekok.purpose', 'ingestion', true);
    RETURN run.source;
END $$;
COMMENT ON FUNCTION etl.enter_page(bigint, int, bytea) IS 'Locks the run, checks that the page is its next one, sets the audit''s context for this transaction and returns the source. Errors: P0002 no such run, 55000 not running or not the next page.';

CREATE OR REPLACE FUNCTION etl.keep_cursor(source text, next_cursor text, run_id bigint, page int) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO etl.cursor AS c (source, value, run_id, page) VALUES ($1, $2, $3, $4)
    ON CONFLICT ON CONSTRAINT cursor_pkey
    DO UPDATE SET value = excluded.value, run_id = excluded.run_id, page = excluded.page, at = now();
$$;
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
    UPDATE etl.run r SET pages = r.pages + 1, broken_pages = r.broken_pages + 1 WHERE r.id = keep_page.run_id;
END $$;
COMMENT ON FUNCTION etl.keep_page(bigint, int, text, bytea, bigint, bytea, text) IS 'Keeps a page that could not be decoded: its sealed bytes (null when too large to keep) and why, without identifiers; moves the cursor past it. page_sha256: 32 bytes; page_bytes: its size. Errors as etl.enter_page; 23514 when problem is null.';

CREATE OR REPLACE FUNCTION etl.close_run(run_id bigint, state text, problem text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    origin text;
BEGIN
    IF (state IN ('finished', 'stopped', 'failed')) IS NOT TRUE THEN
        RAISE 'a run cannot be closed as "%"', state
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Accepted: finished, stopped, failed.';
    END IF;
    UPDATE etl.run r SET state = close_run.state, problem = close_run.problem, ended_at = now()
    WHERE r.id = run_id AND r.state = 'running' RETURNING r.source INTO origin;
    IF NOT FOUND THEN
        RAISE 'run % is not running', run_id USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'It was closed before, or marked aborted by a later run.';
    END IF;
    IF etl.holds_lease(origin) THEN
        PERFORM pg_advisory_unlock(1701539691, etl.lease_key(origin));
    END IF;
END $$;
COMMENT ON FUNCTION etl.close_run(bigint, text, text) IS 'Closes a run as finished, stopped or failed and gives the source''s lease back; problem: what went wrong, without identifiers, or null. Errors: 22023 another state, 55000 the run is not running.';
