-- limit.sql - the clock of the schedule, and what a source's owner allows: requests a second, a minute and a day, tokens an
-- hour. Reserved here before anything is sent, so that limits hold over restarts and over processes. Refuses nothing of a
-- source that is not known: it has no books, and is tried by hand only.

CREATE OR REPLACE FUNCTION etl.clock() RETURNS timestamptz LANGUAGE sql VOLATILE
    RETURN clock_timestamp();
COMMENT ON FUNCTION etl.clock() IS 'Now: the only clock that schedules, hours, quotas and runs go by, whichever machine a daemon runs on.';

CREATE OR REPLACE FUNCTION etl.wall_clock(at timestamptz) RETURNS bigint LANGUAGE sql STABLE
    RETURN floor(extract(epoch FROM at AT TIME ZONE 'Asia/Dhaka') * 1000)::bigint;
COMMENT ON FUNCTION etl.wall_clock(timestamptz) IS 'What a clock on a wall in Dhaka shows, as milliseconds since it showed 1 January 1970; by the server''s time zone data.';

CREATE OR REPLACE FUNCTION etl.today() RETURNS date LANGUAGE sql VOLATILE
    RETURN (etl.clock() AT TIME ZONE 'Asia/Dhaka')::date;
COMMENT ON FUNCTION etl.today() IS 'The day of Asia/Dhaka by etl.clock.';

CREATE OR REPLACE FUNCTION etl.lock_allowance(source text) RETURNS etl.allowance LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    a etl.allowance;
BEGIN
    INSERT INTO etl.allowance AS x (source) SELECT s.code FROM etl.source s WHERE s.code = lock_allowance.source
    ON CONFLICT DO NOTHING;
    SELECT * INTO a FROM etl.allowance x WHERE x.source = lock_allowance.source FOR UPDATE;
    RETURN a;
END $$;
COMMENT ON FUNCTION etl.lock_allowance(text) IS 'The row of etl.allowance, made when missing, locked to the end of the transaction; all null for a source that is not known.';

CREATE OR REPLACE FUNCTION etl.take_request(source text, per_second int, per_minute int, daily_quota bigint) RETURNS int LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    a etl.allowance := etl.lock_allowance(source);
    instant timestamptz := etl.clock();
    today date := etl.today();
    gap interval := make_interval(secs => greatest(1.0 / nullif(per_second, 0), 60.0 / nullif(per_minute, 0), 0));
    slot timestamptz := greatest(instant, least(a.next_at, instant + 20 * gap));
BEGIN
    IF a.source IS NULL THEN
        RETURN 0;
    ELSIF daily_quota > 0 AND a.day = today AND a.requests >= daily_quota THEN
        RETURN -1;
    END IF;
    UPDATE etl.allowance x SET day = today, requests = CASE WHEN x.day = today THEN x.requests ELSE 0 END + 1, next_at = slot + gap
    WHERE x.source = take_request.source;
    RETURN ceil(extract(epoch FROM slot - instant) * 1000);
END $$;
COMMENT ON FUNCTION etl.take_request(text, int, int, bigint) IS 'Reserves one request and returns the milliseconds to wait before it is sent, or -1: the quota of the day is used up. Limits of 0: none. Requests are spread evenly, so no second and no minute holds more than its limit; should the clock be set back, no request waits for more than twenty others. A reserved request counts, sent or not.';

CREATE OR REPLACE FUNCTION etl.take_grant(source text, per_hour int) RETURNS int LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    a etl.allowance := etl.lock_allowance(source);
    instant timestamptz := etl.clock();
    recent timestamptz[] := ARRAY(SELECT g FROM unnest(a.grants) g WHERE g > instant - interval '1 hour' AND g <= instant ORDER BY g);
BEGIN
    IF cardinality(recent) >= per_hour THEN
        RETURN ceil(extract(epoch FROM recent[cardinality(recent) - per_hour + 1] + interval '1 hour' - instant));
    END IF;
    UPDATE etl.allowance x SET grants = recent || instant WHERE x.source = take_grant.source;
    RETURN 0;
END $$;
COMMENT ON FUNCTION etl.take_grant(text, int) IS 'Reserves one request for a token: 0, or the seconds until one may be asked for. Never more than per_hour within any hour, whoever asks and whether or not a token was given.';

CREATE OR REPLACE FUNCTION etl.list_schedule(OUT source text, OUT pulled boolean, OUT began bigint, OUT ended bigint, OUT state text,
                                             OUT drifted boolean, OUT other_definition boolean, OUT requests bigint)
RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT d.source, r.id IS NOT NULL, etl.wall_clock(coalesce(r.started_at, d.added_at)), etl.wall_clock(r.ended_at), r.state,
           r.state = 'held' AND r.held_for = 'drift', r.contract_sha256 <> d.sha256,
           CASE WHEN a.day = (etl.clock() AT TIME ZONE 'Asia/Dhaka')::date THEN a.requests ELSE 0 END
    FROM etl.definition_in_force d
    LEFT JOIN LATERAL (SELECT * FROM etl.run y WHERE y.source = d.source AND y.kind = 'pull' ORDER BY y.id DESC LIMIT 1) r ON true
    LEFT JOIN etl.allowance a ON a.source = d.source;
$$;
COMMENT ON FUNCTION etl.list_schedule() IS 'What decides when each source is due: its last run, or its definition where it was never pulled (began, milliseconds as etl.wall_clock), whether that run is held for drift, whether the definition has changed since, and the requests of this day.';

CREATE OR REPLACE FUNCTION etl.tick(OUT wall bigint, OUT drifted text) LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT etl.wall_clock(etl.clock()), ' ' || coalesce(string_agg(r.source, ' '), '') || ' ' FROM etl.run r
    WHERE r.state = 'held' AND r.held_for = 'drift';
$$;
COMMENT ON FUNCTION etl.tick() IS 'Asked every second by the daemon that keeps the schedule: the time, as etl.wall_clock, and the sources whose drift is held, between blanks.';
