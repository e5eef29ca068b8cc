-- verification_news.sql - takes in what happened since the last pass: who came, whose values changed, of whom a system told.
-- Costs by what happened, not by the size of the registry. Writes etl.verification_due and, where another enrolment with the
-- same values was told of, its verdict; asks nothing and opens nothing. Each look-up by an enrolment's id stands behind OFFSET 0:
-- plans made while the tables are empty or new to the planner must go by that index still when they are large.

CREATE OR REPLACE FUNCTION etl.verification_standing(system text, ids uuid[]) RETURNS TABLE (
    enrolment_id uuid, basis bytea, programme text, reason text, since timestamptz) LANGUAGE sql STABLE AS $$
    SELECT b.id, b.basis, b.programme, CASE WHEN v.valid_until IS NOT NULL THEN 'expired'
           WHEN EXISTS (SELECT FROM (SELECT k.system FROM registry.verification k WHERE k.enrolment_id = b.id OFFSET 0) k WHERE k.system = $1) THEN 'changed' ELSE 'never asked' END,
           coalesce(v.valid_until, b.changed_at)
    FROM (SELECT e.id, e.programme, e.changed_at, registry.verification_basis(f.whole, s.asks) AS basis
          FROM registry.verification_system s CROSS JOIN (SELECT DISTINCT i.id FROM unnest(ids) AS i(id)) u
          CROSS JOIN LATERAL (SELECT w AS whole FROM registry.enrolment w WHERE w.id = u.id OFFSET 0) f CROSS JOIN LATERAL (SELECT (f.whole).*) e
          WHERE s.code = $1 AND coalesce(e.status, 'active') <> 'inactive' AND (s.wallet_provider IS NULL OR e.wallet_provider = s.wallet_provider)
          OFFSET 0) b
    LEFT JOIN LATERAL (SELECT k.valid_until FROM registry.verification k WHERE k.system = $1 AND k.basis = b.basis
                       ORDER BY k.asked_at DESC LIMIT 1) v ON true
    WHERE b.basis IS NOT NULL;
$$;
COMMENT ON FUNCTION etl.verification_standing(text, uuid[]) IS 'How these enrolments stand with a system, whether or not it is due: a row as in etl.verification_due for each that it can be asked about.';

CREATE OR REPLACE FUNCTION etl.settle_verification(system text, ids uuid[], everyone boolean) RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
    shared bigint;
BEGIN
    PERFORM set_config('ekok.purpose', 'verification', true);
    WITH standing AS MATERIALIZED (SELECT n.* FROM etl.verification_standing(settle_verification.system, ids) n),
    gone AS (
        DELETE FROM etl.verification_due d WHERE d.ctid = ANY (ARRAY(
            SELECT o.ctid FROM unnest(ids) AS u(id)
            CROSS JOIN LATERAL (SELECT k.ctid, k.system FROM etl.verification_due k WHERE k.enrolment_id = u.id OFFSET 0) o
            WHERE o.system = settle_verification.system AND u.id NOT IN (SELECT n.enrolment_id FROM standing n)))),
    kept AS (
        INSERT INTO etl.verification_due AS d (enrolment_id, system, basis, programme, reason, since)
        SELECT n.enrolment_id, settle_verification.system, n.basis, n.programme, n.reason, n.since FROM standing n
        WHERE everyone OR n.reason <> 'never asked'
           OR EXISTS (SELECT FROM (SELECT k.system FROM etl.verification_due k WHERE k.enrolment_id = n.enrolment_id OFFSET 0) o
                      WHERE o.system = settle_verification.system)
        ON CONFLICT ON CONSTRAINT verification_due_pkey DO UPDATE
        SET basis = excluded.basis, programme = excluded.programme, reason = excluded.reason, since = excluded.since
        WHERE (d.basis, d.programme, d.reason, d.since) IS DISTINCT FROM (excluded.basis, excluded.programme, excluded.reason, excluded.since))
    INSERT INTO registry.verification (enrolment_id, system, verdict, asked_at, valid_until, request_id, answer, reason, basis, risk)
    SELECT n.enrolment_id, v.system, v.verdict, v.asked_at, v.valid_until, v.request_id, v.answer, v.reason, v.basis, v.risk
    FROM standing n
    CROSS JOIN LATERAL (SELECT k.* FROM registry.verification k WHERE k.system = settle_verification.system AND k.basis = n.basis
                        ORDER BY k.asked_at DESC LIMIT 1) v
    WHERE n.reason = 'expired' AND v.valid_until > now()
      AND NOT EXISTS (SELECT FROM (SELECT k.* FROM registry.verification k WHERE k.enrolment_id = n.enrolment_id OFFSET 0) o
                      WHERE o.system = v.system AND o.asked_at = v.asked_at AND o.basis = v.basis);
    GET DIAGNOSTICS shared = ROW_COUNT;
    RETURN shared;
END $$;
COMMENT ON FUNCTION etl.settle_verification(text, uuid[], boolean) IS 'Puts etl.verification_due right for these enrolments and one system, and gives them valid verdicts on the same values; returns how many. everyone: those never told of are listed too; otherwise only those that are listed already.';

CREATE OR REPLACE FUNCTION etl.verification_peers(system text, ids uuid[]) RETURNS uuid[] LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
    SELECT array_agg(DISTINCT p.id) FROM (
        SELECT u.id FROM unnest(ids) AS u(id)
        UNION ALL
        SELECT d.enrolment_id FROM (SELECT DISTINCT v.basis FROM unnest(ids) AS u(id)
            CROSS JOIN LATERAL (SELECT k.system, k.basis FROM registry.verification k WHERE k.enrolment_id = u.id OFFSET 0) v
            WHERE v.system = $1 AND v.basis IS NOT NULL) b
        CROSS JOIN LATERAL (SELECT k.enrolment_id, k.system FROM etl.verification_due k WHERE k.basis = b.basis OFFSET 0) d WHERE d.system = $1
        UNION ALL
        SELECT h.enrolment_id FROM (SELECT k.kind FROM registry.verification_system s CROSS JOIN unnest(s.asks) AS k(kind)
            WHERE s.code = $1 AND k.kind <> 'birth_date' ORDER BY array_position('{nid,brn,wallet,account,mobile}', k.kind) LIMIT 1) f
        CROSS JOIN unnest(ids) AS u(id)
        CROSS JOIN LATERAL (SELECT ekok.evidence_key(k.key) AS k FROM registry.evidence k WHERE k.enrolment_id = u.id AND k.kind = f.kind OFFSET 0) m
        CROSS JOIN LATERAL (SELECT k.enrolment_id, k.kind FROM registry.evidence k WHERE k.key OPERATOR(ekok.>=) ekok.evidence_of_key(m.k, 0)
                            AND k.key OPERATOR(ekok.<=) ekok.evidence_of_key(m.k, 4095) OFFSET 0) h
        WHERE h.kind = f.kind) p;
$$;
COMMENT ON FUNCTION etl.verification_peers(text, uuid[]) IS 'These enrolments, those listed with values that were told of here, and those that hold the same NID, else BRN, wallet, account or mobile number, as far as the system asks for one: whoever may have the same values.';

CREATE OR REPLACE FUNCTION etl.read_verification_news(most int) RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    news etl.verification_news%ROWTYPE;
    every text[] := ARRAY(SELECT s.code FROM registry.verification_system s);
    told text[];
    of_system text;
    peers uuid[];
    taken int := 0;
    before int;
    shared bigint := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(1701539702, hashtext('verification news'));
    LOOP
        before := taken;
        FOR news IN SELECT n.* FROM etl.verification_news n ORDER BY n.id LIMIT most - taken LOOP
            taken := taken + 1;
            DELETE FROM etl.verification_news n WHERE n.id = news.id;
            IF news.kind = 'arrived' THEN
                INSERT INTO etl.verification_arrival (programme, since, ids) VALUES (news.programme, news.since, news.ids);
            END IF;
            IF news.kind = 'told' THEN
                peers := etl.verification_peers(news.system, news.ids);
                shared := shared + etl.settle_verification(news.system, peers, false);
                CONTINUE;
            END IF;
            told := coalesce(told, ARRAY(SELECT s.code FROM registry.verification_system s
                WHERE EXISTS (SELECT FROM registry.verification v WHERE v.system = s.code AND v.basis IS NOT NULL)
                   OR EXISTS (SELECT FROM etl.verification_due d WHERE d.system = s.code)));
            FOREACH of_system IN ARRAY CASE news.kind WHEN 'anew' THEN every ELSE told END LOOP
                shared := shared + etl.settle_verification(of_system, news.ids, news.kind = 'anew');
            END LOOP;
        END LOOP;
        EXIT WHEN taken = before OR taken >= most;
    END LOOP;
    RETURN shared;
END $$;
COMMENT ON FUNCTION etl.read_verification_news(int) IS 'Takes in at most that many rows of etl.verification_news (one is a page''s enrolments), the oldest first, one session at a time; returns how many verdicts were given to others with the same values.';
