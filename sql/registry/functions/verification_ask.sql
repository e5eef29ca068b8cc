-- verification_ask.sql - reserving what is asked. Quota is spent, the readings of sealed values are recorded and the batch
-- is written down in one transaction before anything is opened or sent; so neither a crash nor a second daemon spends it
-- twice, but for the one batch that was under way. Refuses to hand out values of a system that is off.

CREATE OR REPLACE FUNCTION etl.verification_day() RETURNS date LANGUAGE sql STABLE
    RETURN (clock_timestamp() AT TIME ZONE 'Asia/Dhaka')::date;
COMMENT ON FUNCTION etl.verification_day() IS 'Today in Asia/Dhaka, where quotas are counted.';

CREATE OR REPLACE FUNCTION etl.verification_left(system text, OUT day_left int, OUT minute_left int, OUT wait_seconds int, OUT planned int,
                                                 OUT closed_by text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s registry.verification_system%ROWTYPE;
    spent etl.verification_spent%ROWTYPE;
    minute timestamptz := date_trunc('minute', clock_timestamp());
BEGIN
    SELECT * INTO s FROM registry.verification_system v WHERE v.code = system;
    IF NOT FOUND THEN
        RAISE 'verification system "%" is not known', system USING ERRCODE = 'no_data_found',
            HINT = format('Known systems: %s.', (SELECT string_agg(v.code, ', ' ORDER BY v.code) FROM registry.verification_system v));
    END IF;
    SELECT * INTO spent FROM etl.verification_spent x WHERE x.system = s.code AND x.day = etl.verification_day();
    closed_by := CASE WHEN s.state <> 'active' THEN 'it is switched off' ELSE spent.closed_by END;
    day_left := CASE WHEN closed_by IS NULL THEN greatest(s.quota_day - coalesce(spent.asked, 0), 0) ELSE 0 END;
    minute_left := greatest(s.quota_minute - CASE WHEN spent.minute = minute THEN spent.asked_minute ELSE 0 END, 0);
    wait_seconds := CASE WHEN minute_left > 0 THEN 0
                    ELSE ceil(extract(epoch FROM minute + interval '1 minute' - clock_timestamp()))::int END;
    SELECT count(*) INTO planned FROM etl.verification_request r WHERE r.system = s.code AND r.batch_id IS NULL;
END $$;
COMMENT ON FUNCTION etl.verification_left(text) IS 'What may still be asked of a system: enrolments today and in this minute, seconds until the next minute when this one is used up, enrolments planned, and why nothing more is asked today (null: it is). Error P0002: no such system.';

CREATE OR REPLACE FUNCTION etl.share_verdicts(system text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN etl.read_verification_news(10000);
END $$;
COMMENT ON FUNCTION etl.share_verdicts(text) IS 'Gives the valid verdicts that were told since the last call, of this system and others, to enrolments with the same values, without asking; returns how many. A second call writes nothing.';

CREATE OR REPLACE FUNCTION etl.prune_verification(system text) RETURNS void LANGUAGE sql
SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM etl.verification_batch b
    WHERE b.system = $1 AND b.ended_at < clock_timestamp() - interval '90 days'
      AND NOT EXISTS (SELECT FROM etl.verification_request r WHERE r.batch_id = b.id);
    DELETE FROM etl.verification_grant g
    WHERE g.system = $1 AND g.asked_at < clock_timestamp() - interval '7 days' AND coalesce(g.expires_at, '-infinity') < clock_timestamp();
$$;
COMMENT ON FUNCTION etl.prune_verification(text) IS 'Forgets batches that ended 90 days ago and tokens of a week ago that are used up; verdicts and the quota''s books by day stay.';

CREATE OR REPLACE FUNCTION etl.plan_verification(system text, most int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    left_today int := (SELECT l.day_left FROM etl.verification_left(system) l);
    planned int;
BEGIN
    PERFORM pg_advisory_xact_lock(1701539702, hashtext('plan ' || system));
    WITH gone AS (
        UPDATE etl.verification_batch b SET state = 'lost', ended_at = clock_timestamp(), problem = 'its session ended before it was answered'
        WHERE b.system = plan_verification.system AND b.state = 'open' AND pg_try_advisory_xact_lock(1701539703, b.id::int)
        RETURNING b.id)
    UPDATE etl.verification_request r SET batch_id = NULL FROM gone g WHERE r.batch_id = g.id;
    DELETE FROM etl.verification_request r WHERE r.system = plan_verification.system AND r.batch_id IS NULL;
    PERFORM etl.prune_verification(system);
    PERFORM etl.read_verification_news(10000);
    IF least(most, left_today) <= 0 THEN
        RETURN 0;
    END IF;
    INSERT INTO etl.verification_request (system, enrolment_id, basis, rank, reason, risk, since)
    SELECT plan_verification.system, n.enrolment_id, n.basis, n.rank, n.reason, n.risk, n.since
    FROM etl.due_verification(system, least(most, left_today)) n;
    GET DIAGNOSTICS planned = ROW_COUNT;
    RETURN planned;
END $$;
COMMENT ON FUNCTION etl.plan_verification(text, int) IS 'Plans what is asked of a system next, at most that many and never more than today''s quota; returns how many. Batches whose session is gone become lost (what they asked was spent and is planned again), verdicts with the same values are shared first. Error P0002: no such system.';

CREATE OR REPLACE FUNCTION etl.spend_quota(system text, wanted int) RETURNS int LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    today date := etl.verification_day();
    this_minute timestamptz;
    allowed int;
BEGIN
    INSERT INTO etl.verification_spent AS x (system, day) VALUES (spend_quota.system, today) ON CONFLICT ON CONSTRAINT verification_spent_pkey DO NOTHING;
    PERFORM FROM etl.verification_spent x WHERE x.system = spend_quota.system AND x.day = today FOR UPDATE;
    this_minute := date_trunc('minute', clock_timestamp());
    SELECT CASE WHEN x.closed_by IS NULL AND s.state = 'active' THEN greatest(least(wanted, s.batch, s.quota_day - x.asked,
                s.quota_minute - CASE WHEN x.minute = this_minute THEN x.asked_minute ELSE 0 END), 0) ELSE 0 END INTO allowed
    FROM etl.verification_spent x JOIN registry.verification_system s ON s.code = x.system
    WHERE x.system = spend_quota.system AND x.day = today;
    IF allowed > 0 THEN
        UPDATE etl.verification_spent x SET asked = x.asked + allowed, minute = this_minute,
            asked_minute = allowed + CASE WHEN x.minute = this_minute THEN x.asked_minute ELSE 0 END
        WHERE x.system = spend_quota.system AND x.day = today;
    END IF;
    RETURN allowed;
END $$;
COMMENT ON FUNCTION etl.spend_quota(text, int) IS 'Takes up to that many from the quota of the day and the minute, under a lock on the system''s row, and returns how many were left to take.';

CREATE OR REPLACE FUNCTION etl.reserve_verification(system text, most int) RETURNS TABLE (
    request_id bigint, batch_id bigint, enrolment_id uuid, birth_date date, nid_sealed bytea, brn_sealed bytea, mobile_sealed bytea,
    wallet_sealed bytea, account_sealed bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    fields text[] := (SELECT s.asks FROM registry.verification_system s WHERE s.code = reserve_verification.system);
    taken bigint[];
    allowed int;
    made bigint;
BEGIN
    DELETE FROM etl.verification_request r USING registry.enrolment e
    WHERE r.id IN (SELECT x.id FROM etl.verification_request x WHERE x.system = reserve_verification.system AND x.batch_id IS NULL
                   ORDER BY x.rank, x.risk DESC, x.since, x.id LIMIT most FOR UPDATE SKIP LOCKED)
      AND e.id = r.enrolment_id AND registry.verification_basis(e, fields) IS DISTINCT FROM r.basis;
    taken := ARRAY(SELECT x.id FROM etl.verification_request x WHERE x.system = reserve_verification.system AND x.batch_id IS NULL
                   ORDER BY x.rank, x.risk DESC, x.since, x.id LIMIT most FOR UPDATE SKIP LOCKED);
    allowed := CASE WHEN cardinality(taken) = 0 THEN 0 ELSE etl.spend_quota(system, cardinality(taken)) END;
    IF allowed = 0 THEN
        RETURN;
    END IF;
    taken := taken[1:allowed];
    INSERT INTO etl.verification_batch (system, size) VALUES (reserve_verification.system, allowed) RETURNING id INTO made;
    PERFORM pg_advisory_lock(1701539703, made::int);
    UPDATE etl.verification_request r SET batch_id = made WHERE r.id = ANY (taken);
    INSERT INTO audit.reading (table_name, column_name, row_id, purpose)
    SELECT 'registry.enrolment', f.field || '_sealed', r.enrolment_id::text, 'verification by ' || reserve_verification.system
    FROM etl.verification_request r JOIN registry.enrolment e ON e.id = r.enrolment_id CROSS JOIN unnest(fields) AS f(field)
    WHERE r.id = ANY (taken) AND CASE f.field WHEN 'nid' THEN e.nid_sealed WHEN 'brn' THEN e.brn_sealed WHEN 'mobile' THEN e.mobile_sealed
                                              WHEN 'wallet' THEN e.wallet_sealed WHEN 'account' THEN e.account_sealed END IS NOT NULL;
    RETURN QUERY
    SELECT r.id, made, e.id, CASE WHEN 'birth_date' = ANY (fields) OR 'nid' = ANY (fields) THEN e.birth_date END,
           CASE WHEN 'nid' = ANY (fields) THEN e.nid_sealed END, CASE WHEN 'brn' = ANY (fields) THEN e.brn_sealed END,
           CASE WHEN 'mobile' = ANY (fields) THEN e.mobile_sealed END, CASE WHEN 'wallet' = ANY (fields) THEN e.wallet_sealed END,
           CASE WHEN 'account' = ANY (fields) THEN e.account_sealed END
    FROM etl.verification_request r JOIN registry.enrolment e ON e.id = r.enrolment_id WHERE r.id = ANY (taken) ORDER BY array_position(taken, r.id);
END $$;
COMMENT ON FUNCTION etl.reserve_verification(text, int) IS 'Reserves the next of what is planned, at most "most", one batch and what the quota leaves: spends the quota, opens a batch under an advisory lock of the session, records a reading of each sealed value handed out. No row: nothing is planned, or nothing may be asked now (etl.verification_left).';
