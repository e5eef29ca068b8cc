-- run_starts.sql - opens the runs of all sources that are due, in one call: two hundred calls one after the other made the last
-- one late. Each is opened as etl.open_run opens it, in a subtransaction of its own; refuses to let one that cannot be opened keep
-- another from it.

CREATE OR REPLACE FUNCTION etl.open_runs(wanted jsonb) RETURNS TABLE (source text, wait int, run_id bigint, cursor text,
                                                                      resumed boolean, accepted text, state text, problem text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    w record;
    hint text;
BEGIN -- In the order of their names, which is the order of their locks.
    FOR w IN SELECT x.item ->> 'source' AS source, decode(x.item ->> 'sha256', 'hex') AS sha256, x.item -> 'terms' AS terms,
                    coalesce((x.item ->> 'forced')::boolean, false) AS forced
             FROM jsonb_array_elements(wanted) AS x(item) ORDER BY 1 LOOP
        source := w.source;
        run_id := NULL;
        state := NULL;
        problem := NULL;
        BEGIN
            wait := etl.ask_breaker(w.source, w.forced);
            IF wait = 0 THEN
                SELECT o.run_id, o.cursor, o.resumed, o.accepted INTO run_id, cursor, resumed, accepted
                FROM etl.open_run(w.source, w.sha256, etl.find_definition(w.source, w.sha256), w.terms) o;
            END IF;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, problem = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
            problem := concat_ws('; ', problem, nullif(hint, ''));
            wait := 0;
            run_id := NULL;
        END;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION etl.open_runs(jsonb) IS 'Opens a run of each source of an array of {"source", "sha256" (of its definition, 64 hexadecimal digits), "terms" (as etl.run.terms), "forced" (as in etl.ask_breaker)}, a row for each. wait: seconds for which the source is left alone, and no run is opened; else run_id, cursor, resumed and accepted as etl.open_run gives them; where that failed state is the SQLSTATE, problem what etl.open_run says, and run_id null.';

CREATE OR REPLACE FUNCTION etl.find_definition(source text, sha256 bytea) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN -- In PL/pgSQL for the sake of its plan, which is kept for the session.
    IF EXISTS (SELECT FROM etl.contract c WHERE c.source = find_definition.source AND c.sha256 = find_definition.sha256) THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT d.definition::text FROM etl.source_definition d
            WHERE d.source = find_definition.source AND d.sha256 = find_definition.sha256 LIMIT 1);
END $$;
COMMENT ON FUNCTION etl.find_definition(text, bytea) IS 'The text of a definition that the registry holds under this SHA-256; null where it is kept as a contract already, and where it is not known.';

CREATE OR REPLACE FUNCTION etl.wait_for_connection(run_id bigint, seconds int, waiting boolean) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM etl.renew_lease(run_id, seconds);
    UPDATE etl.run r SET waits_since = CASE WHEN waiting THEN coalesce(r.waits_since, etl.clock()) END
    WHERE r.id = wait_for_connection.run_id AND (r.waits_since IS NOT NULL) <> waiting;
END $$;
COMMENT ON FUNCTION etl.wait_for_connection(bigint, int, boolean) IS 'Renews the lease of a run that waits for a connection to its source, and notes since when it does; waiting false: it has one. seconds: until the lease expires, from now. Error 55P03: another session took it.';
