-- breaker.sql - the circuit breaker of a source, kept across restarts. Runs that fail by the source's own fault count;
-- after enough of them in a row the source is left alone, then tried by one run, and left alone twice as long when that
-- fails too. Refuses to count what was the database's or the daemon's fault.

CREATE OR REPLACE FUNCTION etl.term(terms jsonb, name text, standard int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce((terms ->> name)::int, standard);
COMMENT ON FUNCTION etl.term(jsonb, text, int) IS 'One number of etl.run.terms, or the standard where it is not given.';

CREATE OR REPLACE FUNCTION etl.ask_breaker(source text, forced boolean) RETURNS int LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    b etl.breaker;
BEGIN
    SELECT * INTO b FROM etl.breaker x WHERE x.source = ask_breaker.source FOR UPDATE;
    IF NOT FOUND OR b.state = 'closed' THEN
        RETURN 0;
    ELSIF b.state = 'open' AND b.retry_at > now() AND NOT forced THEN
        RETURN greatest(ceil(extract(epoch FROM b.retry_at - now())), 1);
    END IF;
    UPDATE etl.breaker x SET state = 'half-open', changed_at = now()
    WHERE x.source = ask_breaker.source AND x.state <> 'half-open';
    RETURN 0;
END $$;
COMMENT ON FUNCTION etl.ask_breaker(text, boolean) IS 'May the source be pulled now? 0: yes, else the seconds to wait. forced: a human asked for the run, so it is tried at once.';

CREATE OR REPLACE FUNCTION etl.note_success(source text) RETURNS void LANGUAGE sql
SET search_path = pg_catalog, pg_temp AS $$
    UPDATE etl.breaker x SET state = 'closed', failures = 0, pause_seconds = 0, retry_at = NULL, problem = NULL, changed_at = now()
    WHERE x.source = $1 AND (x.state <> 'closed' OR x.failures > 0);
$$;
COMMENT ON FUNCTION etl.note_success(text) IS 'The source was pulled to its end: its breaker closes.';

CREATE OR REPLACE FUNCTION etl.note_failure(source text, terms jsonb, problem text, retry_after int) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    longest int := etl.term(terms, 'breaker_longest', 3600);
    b etl.breaker;
    pause int;
BEGIN
    INSERT INTO etl.breaker AS x (source, failures, problem) VALUES (note_failure.source, 1, note_failure.problem)
    ON CONFLICT ON CONSTRAINT breaker_pkey
    DO UPDATE SET failures = x.failures + 1, problem = excluded.problem, changed_at = now()
    RETURNING * INTO b;
    IF b.state = 'closed' AND b.failures < etl.term(terms, 'breaker_tries', 5) AND retry_after = 0 THEN
        RETURN;
    END IF;
    pause := CASE WHEN b.pause_seconds = 0 THEN etl.term(terms, 'breaker_seconds', 60) ELSE 2 * least(b.pause_seconds, longest) END;
    pause := greatest(least(pause, greatest(longest, 1)), least(retry_after, 86400));
    UPDATE etl.breaker x SET state = 'open', pause_seconds = pause, retry_at = now() + make_interval(secs => pause)
    WHERE x.source = note_failure.source;
END $$;
COMMENT ON FUNCTION etl.note_failure(text, jsonb, text, int) IS 'A run failed by the source''s fault. Opens its breaker after breaker_tries failures in a row, when a trial failed, or when the source asked for a pause longer than a run waits (retry_after, seconds; else 0). Its own pauses last breaker_longest at most; one that the source asked for lasts as long as it asked, a day at most.';
