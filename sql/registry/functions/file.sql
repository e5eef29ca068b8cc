-- file.sql - files of a source's folder: taken by content, ended once. A content that was loaded or refused stays so.
-- Refuses to act for a run that is not running.

CREATE OR REPLACE FUNCTION etl.take_file(run_id bigint, sha256 bytea, bytes bigint, name text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    origin text := (SELECT r.source FROM etl.run r WHERE r.id = run_id AND r.state = 'running');
    found text;
BEGIN
    IF origin IS NULL THEN
        RAISE 'run % is not running', run_id USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Open a run with etl.open_run.';
    END IF;
    INSERT INTO etl.file AS f (source, sha256, bytes, name, first_run, last_run)
    VALUES (origin, take_file.sha256, take_file.bytes, take_file.name, run_id, run_id)
    ON CONFLICT ON CONSTRAINT file_pkey DO UPDATE SET last_run = excluded.last_run
        WHERE f.state = 'taken' AND f.last_run <> excluded.last_run;
    SELECT f.state INTO found FROM etl.file f WHERE f.source = origin AND f.sha256 = take_file.sha256;
    RETURN found;
END $$;
COMMENT ON FUNCTION etl.take_file(bigint, bytea, bigint, text) IS 'Takes a file by its content for a running run and returns its state: taken (read it, from etl.cursor on), loaded or refused (do not). sha256: 32 bytes; bytes: its size; name: without its folder, 1 to 255 bytes. Errors: 55000 the run is not running, 23514 a value out of range.';

CREATE OR REPLACE FUNCTION etl.end_file(run_id bigint, sha256 bytea, state text, problem text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    origin text := (SELECT r.source FROM etl.run r WHERE r.id = run_id AND r.state = 'running');
BEGIN
    IF origin IS NULL THEN
        RAISE 'run % is not running', run_id USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Open a run with etl.open_run.';
    ELSIF (state IN ('loaded', 'refused')) IS NOT TRUE THEN
        RAISE 'a file cannot end as "%"', state
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Accepted: loaded, refused.';
    END IF;
    UPDATE etl.file f SET state = end_file.state, problem = end_file.problem, ended_at = now(), last_run = run_id
    WHERE f.source = origin AND f.sha256 = end_file.sha256 AND f.state = 'taken';
END $$;
COMMENT ON FUNCTION etl.end_file(bigint, bytea, text, text) IS 'Ends a file that was taken as loaded, or as refused with its problem (no identifiers); does nothing to one that has ended. Errors: 55000 the run is not running, 22023 another state, 23514 refused without a problem or loaded with one.';
