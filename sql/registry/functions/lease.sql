-- lease.sql - who pulls a source, and who keeps the schedule. A lease is a row with a fence that counts its takings and a
-- time until which it stands, and an advisory lock of the session that took it: gone with the session, however that ended.
-- Refuses two holders at once, and whoever comes with an older fence.

CREATE OR REPLACE FUNCTION etl.lease_key(name text, fence bigint) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN hashtext('ekok lease ' || name || ' ' || fence::text);
COMMENT ON FUNCTION etl.lease_key(text, bigint) IS 'Second half of the advisory lock of the session that took a lease; the first half is 1701539691 ("ekok"). Two leases with one key: a dead session is noticed by the expiry only.';

CREATE OR REPLACE FUNCTION etl.lease_session(name text, fence bigint) RETURNS int LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT l.pid FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid::bigint = 1701539691
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
      AND l.objid::bigint = etl.lease_key($1, $2)::bigint & 4294967295
    LIMIT 1;
$$;
COMMENT ON FUNCTION etl.lease_session(text, bigint) IS 'Server process of the session that took the lease under this fence and still lives; null when it is gone.';

CREATE OR REPLACE FUNCTION etl.holds_lease(source text) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((SELECT l.held AND etl.lease_session(l.name, l.fence) = pg_backend_pid()
                     FROM etl.lease l WHERE l.name = $1), false);
$$;
COMMENT ON FUNCTION etl.holds_lease(text) IS 'Whether this very session took the lease last and has not given it back.';

CREATE OR REPLACE FUNCTION etl.take_lease(name text, seconds int) RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    l etl.lease;
    mine boolean;
BEGIN
    INSERT INTO etl.lease AS x (name) VALUES (take_lease.name) ON CONFLICT DO NOTHING;
    BEGIN
        SELECT * INTO l FROM etl.lease x WHERE x.name = take_lease.name FOR UPDATE NOWAIT;
    EXCEPTION WHEN lock_not_available THEN
        RAISE 'source "%" is being pulled by another session', name USING ERRCODE = 'lock_not_available',
            HINT = 'Wait for that run to end, or end its session.';
    END;
    mine := l.held AND etl.lease_session(l.name, l.fence) IS NOT DISTINCT FROM pg_backend_pid();
    IF l.held AND NOT mine AND l.expires_at > clock_timestamp() AND etl.lease_session(l.name, l.fence) IS NOT NULL THEN
        RAISE 'source "%" is being pulled by another session', name USING ERRCODE = 'lock_not_available',
            HINT = 'Wait for that run to end, or end its session.';
    END IF;
    IF mine THEN
        PERFORM pg_advisory_unlock(1701539691, etl.lease_key(name, l.fence));
    END IF;
    UPDATE etl.lease x SET fence = x.fence + 1, held = true, taken_at = clock_timestamp(),
        holder = session_user || ' ' || pg_backend_pid(), expires_at = clock_timestamp() + make_interval(secs => seconds)
    WHERE x.name = take_lease.name RETURNING x.fence INTO l.fence;
    IF NOT pg_try_advisory_lock(1701539691, etl.lease_key(name, l.fence)) THEN
        RAISE 'source "%" is being pulled by another session', name USING ERRCODE = 'lock_not_available', HINT = 'Try again.';
    END IF;
    RETURN l.fence;
END $$;
COMMENT ON FUNCTION etl.take_lease(text, int) IS 'Takes a lease for this session and returns its fence; seconds: until it expires unless renewed. A lease is free when it was given back, has expired, or its session is gone. Error 55P03: another session holds it.';

CREATE OR REPLACE FUNCTION etl.give_lease(name text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    given bigint;
BEGIN
    IF etl.holds_lease(name) THEN
        UPDATE etl.lease x SET held = false, expires_at = NULL WHERE x.name = give_lease.name RETURNING x.fence INTO given;
        PERFORM pg_advisory_unlock(1701539691, etl.lease_key(name, given));
    END IF;
END $$;
COMMENT ON FUNCTION etl.give_lease(text) IS 'Gives a lease back; does nothing when this session does not hold it.';

CREATE OR REPLACE FUNCTION etl.keep_lease(source text, fence bigint, seconds int) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE etl.lease x SET expires_at = clock_timestamp() + make_interval(secs => seconds)
    WHERE x.name = keep_lease.source AND x.held AND x.fence = keep_lease.fence;
    IF NOT FOUND THEN
        RAISE 'the lease of source "%" was taken by another session', source USING ERRCODE = 'lock_not_available',
            HINT = 'This run writes nothing more; the other one goes on from the last committed page.';
    END IF;
END $$;
COMMENT ON FUNCTION etl.keep_lease(text, bigint, int) IS 'Renews a lease under its fence; an expired one too, as long as nobody took it. Error 55P03: somebody did.';

CREATE OR REPLACE FUNCTION etl.renew_lease(run_id bigint, seconds int) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run record;
BEGIN
    SELECT r.source, r.fence INTO run FROM etl.run r WHERE r.id = run_id;
    PERFORM etl.keep_lease(run.source, run.fence, seconds);
END $$;
COMMENT ON FUNCTION etl.renew_lease(bigint, int) IS 'Renews the lease of a run while it waits for its source; seconds: from now. Error 55P03: another session took it.';

CREATE OR REPLACE FUNCTION etl.keep_seat(seconds int) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF etl.holds_lease('*') THEN
        PERFORM etl.keep_lease('*', (SELECT l.fence FROM etl.lease l WHERE l.name = '*'), seconds);
    ELSE
        PERFORM etl.take_lease('*', seconds);
    END IF;
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END $$;
COMMENT ON FUNCTION etl.keep_seat(int) IS 'Takes or renews the lease of the schedule for this session; false: another daemon keeps it, this one stands by. seconds: until it expires.';
