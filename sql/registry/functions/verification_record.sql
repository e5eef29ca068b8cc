-- verification_record.sql - verdicts, grants of tokens, and days that a system closes. An answer is translated here and
-- nowhere else, by registry.verification_answer; what is not listed there is unknown, and says so.

CREATE OR REPLACE FUNCTION registry.read_answer(system text, answer text, OUT verdict text, OUT reason text) LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(a.verdict, 'unknown'), coalesce(a.reason, CASE WHEN $2 IS NULL THEN 'no answer that can be read' ELSE 'answer not documented: ' || $2 END)
    FROM (SELECT) AS one LEFT JOIN registry.verification_answer a ON a.system = $1 AND a.answer = $2;
$$;
COMMENT ON FUNCTION registry.read_answer(text, text) IS 'What an answer of a system means: verdict match, mismatch or unknown, and the reason in words. An answer that is not documented is unknown; null: there was none that can be read.';

CREATE OR REPLACE FUNCTION etl.record_verdicts(batch bigint, answers jsonb, OUT matched int, OUT mismatched int, OUT unknown int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    of_system text;
BEGIN
    SELECT b.system INTO of_system FROM etl.verification_batch b WHERE b.id = record_verdicts.batch AND b.state = 'open' FOR UPDATE;
    IF NOT FOUND THEN
        RAISE 'batch % is not open', record_verdicts.batch USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'It was answered, or another daemon took it for lost; what it asked is planned again.';
    END IF;
    PERFORM set_config('ekok.purpose', 'verification', true);
    WITH told AS (
        SELECT r.enrolment_id, r.basis, r.risk, r.id, g.answer, m.verdict, m.reason
        FROM jsonb_to_recordset(answers) AS g(request bigint, answer text)
        JOIN etl.verification_request r ON r.id = g.request AND r.batch_id = record_verdicts.batch
        CROSS JOIN LATERAL registry.read_answer(of_system, g.answer) m
    ), kept AS (
        INSERT INTO registry.verification (enrolment_id, system, verdict, asked_at, valid_until, request_id, answer, reason, basis, risk)
        SELECT t.enrolment_id, of_system, t.verdict, now(), now() + CASE t.verdict WHEN 'match' THEN s.valid_match WHEN 'mismatch' THEN s.valid_mismatch
               ELSE s.valid_unknown END / (t.risk + 1), 'ekok-' || record_verdicts.batch || '-' || t.id, t.answer, t.reason, t.basis, t.risk
        FROM told t JOIN registry.verification_system s ON s.code = of_system
        RETURNING registry.verification.verdict)
    SELECT count(*) FILTER (WHERE k.verdict = 'match'), count(*) FILTER (WHERE k.verdict = 'mismatch'), count(*) FILTER (WHERE k.verdict = 'unknown')
    INTO matched, mismatched, unknown FROM kept k;
    DELETE FROM etl.verification_request r WHERE r.batch_id = record_verdicts.batch;
    UPDATE etl.verification_batch b SET state = 'answered', ended_at = clock_timestamp(), answered = matched + mismatched + unknown WHERE b.id = record_verdicts.batch;
    PERFORM pg_advisory_unlock(1701539703, record_verdicts.batch::int);
END $$;
COMMENT ON FUNCTION etl.record_verdicts(bigint, jsonb) IS 'Writes the verdicts of an open batch and closes it. answers: [{"request": id, "answer": "field=value" or null}]; who is not among them stays unasked. Validity by outcome, shortened by risk. Error 55000: the batch is not open.';

CREATE OR REPLACE FUNCTION etl.fail_verification(batch bigint, problem text, closes_day boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    of_system text;
BEGIN
    UPDATE etl.verification_batch b SET state = 'failed', ended_at = clock_timestamp(), problem = fail_verification.problem
    WHERE b.id = batch AND b.state = 'open' RETURNING b.system INTO of_system;
    IF of_system IS NULL THEN
        RETURN;
    END IF;
    UPDATE etl.verification_request r SET batch_id = NULL WHERE r.batch_id = batch;
    IF closes_day THEN
        UPDATE etl.verification_spent x SET closed_by = fail_verification.problem WHERE x.system = of_system AND x.day = etl.verification_day();
    END IF;
    PERFORM pg_advisory_unlock(1701539703, batch::int);
END $$;
COMMENT ON FUNCTION etl.fail_verification(bigint, text, boolean) IS 'Ends a batch that got no usable answer: it stays spent, what it asked is planned still. closes_day: the system said that its quota is used up, nothing more is asked today. problem: without identifiers.';

CREATE OR REPLACE FUNCTION etl.reserve_grant(system text, OUT grant_id bigint, OUT wait_seconds int, OUT kept_id bigint, OUT kept bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    most int := (SELECT s.grants_hour FROM registry.verification_system s WHERE s.code = system);
    hour_ago timestamptz;
    oldest timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(1701539702, hashtext('grant ' || system));
    SELECT g.id, g.sealed INTO kept_id, kept FROM etl.verification_grant g
    WHERE g.system = reserve_grant.system AND g.expires_at > clock_timestamp() + interval '30 seconds' ORDER BY g.asked_at DESC LIMIT 1;
    IF kept_id IS NOT NULL THEN
        RETURN;
    END IF;
    hour_ago := clock_timestamp() - interval '61 minutes';
    SELECT g.asked_at INTO oldest FROM etl.verification_grant g WHERE g.system = reserve_grant.system AND g.asked_at > hour_ago
    ORDER BY g.asked_at DESC OFFSET greatest(coalesce(most, 60) - 1, 0) LIMIT 1;
    IF oldest IS NOT NULL THEN
        wait_seconds := ceil(extract(epoch FROM oldest - hour_ago))::int;
        RETURN;
    END IF;
    INSERT INTO etl.verification_grant (system) VALUES (reserve_grant.system) RETURNING id INTO grant_id;
END $$;
COMMENT ON FUNCTION etl.reserve_grant(text) IS 'A token to go on with (kept_id, kept: sealed), or leave to ask for one (grant_id), or the seconds to wait: never more grants in 61 minutes than grants_hour, whoever asks and whether or not they were answered. The extra minute is for clocks.';

CREATE OR REPLACE FUNCTION etl.keep_token(grant_id bigint, sealed bytea, seconds int) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    UPDATE etl.verification_grant g SET sealed = $2, expires_at = g.asked_at + make_interval(secs => $3) WHERE g.id = $1;
$$;
COMMENT ON FUNCTION etl.keep_token(bigint, bytea, int) IS 'Keeps the sealed token of a grant for that many seconds from when it was asked for.';

CREATE OR REPLACE FUNCTION etl.drop_token(grant_id bigint) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE etl.verification_grant g SET sealed = NULL, expires_at = NULL WHERE g.id = $1;
$$;
COMMENT ON FUNCTION etl.drop_token(bigint) IS 'Forgets a token that its system refused. The grant stays counted.';

CREATE OR REPLACE FUNCTION registry.reopen_verification(system text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM etl.verification_left(system);
    UPDATE etl.verification_spent x SET closed_by = NULL WHERE x.system = reopen_verification.system AND x.day = etl.verification_day();
END $$;
COMMENT ON FUNCTION registry.reopen_verification(text) IS 'Lets a system be asked again today that had said that its quota is used up; what was spent stays counted. Error P0002: no such system.';

CREATE OR REPLACE FUNCTION registry.change_verification(system text, quota_day int, quota_minute int, state text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM etl.verification_left(system), set_config('ekok.purpose', 'change of a quota', true);
    UPDATE registry.verification_system s SET quota_day = coalesce(change_verification.quota_day, s.quota_day),
        quota_minute = coalesce(change_verification.quota_minute, s.quota_minute), state = coalesce(change_verification.state, s.state)
    WHERE s.code = system;
END $$;
COMMENT ON FUNCTION registry.change_verification(text, int, int, text) IS 'Sets a system''s quotas and state (active, off); null leaves one as it is. Audited. Errors: P0002 no such system, 23514 out of range, or a minute that does not hold one batch.';
